#!/bin/sh
# Creates the secrets that can be random, and .env, for docker-compose.yml. It does not change existing files.
set -eu
cd "$(dirname "$0")/.."

# Containers read these files under user ids of their own, so the files are readable for all; the directory above them denies
# access to other users of this machine. The api sees secrets/api and secrets/both, a worker secrets/worker and secrets/both.
for directory in api worker both; do
  mkdir -p "secrets/$directory"
  chmod 755 "secrets/$directory"
done
chmod 700 secrets
make_up() {
  [ -s "secrets/$1" ] || head -c 24 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >"secrets/$1"
  chmod 644 "secrets/$1"
}
make_up postgres_password
make_up api/api_token
make_up api/tableau_webhook_secret
make_up both/link_secret

if [ ! -e .env ]; then
  (umask 077 && cp .env.example .env)
  cat >>.env <<'END'

# --- Docker Compose: secrets as files under secrets, created by compose/prepare.sh ---------------------------------------

API_TOKEN_FILE=/run/secrets/api/api_token
LINK_SECRET_FILE=/run/secrets/both/link_secret
TABLEAU_WEBHOOK_SECRET_FILE=/run/secrets/api/tableau_webhook_secret
END
  echo 'Made .env: fill it in.'
fi
cat <<'END'
Secrets are in secrets/api, secrets/worker, and secrets/both for what api and worker need. One of your own, such as Twilio's API secret:
  printf %s 'the secret' >secrets/worker/twilio_api_secret && chmod 644 secrets/worker/twilio_api_secret
and name it in .env in place of the value: TWILIO_API_SECRET_FILE=/run/secrets/worker/twilio_api_secret
The auth token belongs into secrets/api where workers have an API key, else into secrets/both.
END
