# Debian and not Alpine: Temporal's native code needs glibc.
FROM node:24.21.0-bookworm-slim AS base
WORKDIR /app

FROM base AS build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev
COPY tsconfig.json tsconfig.build.json ./
COPY scripts ./scripts
COPY src ./src
# With the bundle of the workflows, so that no worker has to make it at its start.
RUN npm run build

FROM base AS packages
ENV NODE_ENV=production
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev
# Temporal's package brings its native code for five platforms, about 28 MB each; one is enough.
RUN cd node_modules/@temporalio/core-bridge/releases \
  && keep="$(node -p "({ x64: 'x86_64', arm64: 'aarch64' })[process.arch]")-unknown-linux-gnu" \
  && test -d "$keep" \
  && find . -mindepth 1 -maxdepth 1 ! -name "$keep" -exec rm -r {} +

FROM base
LABEL org.opencontainers.image.title="tableau-webhooks" org.opencontainers.image.licenses="MIT"
# "container": files that are mounted may be readable for all, since there are no other users.
ENV NODE_ENV=production container=docker
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
# Everything belongs to root: the service writes nothing.
USER node
EXPOSE 3000
STOPSIGNAL SIGTERM
# Of the api. A worker has no door: it ends when it cannot work, and is started again.
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=4 CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/main.js"]
# API and worker in one; docker-compose.yml runs them apart.
CMD ["start"]
