/** docker-compose.yml, with all that the tests require of each service. */
import assert from 'node:assert/strict';
import { Type } from 'typebox';
import { readYaml } from './files.js';

const Strings = Type.Array(Type.String());
const Service = Type.Object({
  image: Type.String(),
  command: Type.Optional(Strings),
  entrypoint: Type.Optional(Strings),
  environment: Type.Optional(Type.Record(Type.String(), Type.String())),
  env_file: Type.Optional(Strings),
  ports: Type.Optional(Strings),
  volumes: Type.Optional(Strings),
  secrets: Type.Optional(Strings),
  networks: Strings,
  restart: Type.String(),
  read_only: Type.Boolean(),
  tmpfs: Strings,
  mem_limit: Type.String(),
  pids_limit: Type.Integer(),
  profiles: Type.Optional(Strings),
  container_name: Type.Optional(Type.String()),
  cap_drop: Strings,
  security_opt: Strings,
  deploy: Type.Optional(Type.Object({ replicas: Type.Integer() })),
  depends_on: Type.Optional(Type.Record(Type.String(), Type.Object({ condition: Type.String() }))),
  healthcheck: Type.Optional(
    Type.Union([Type.Object({ test: Strings }), Type.Object({ disable: Type.Literal(true) })]),
  ),
});
export const { services, secrets, networks } = readYaml(
  Type.Object({
    services: Type.Record(Type.String(), Service),
    secrets: Type.Record(Type.String(), Type.Object({ file: Type.String() })),
    networks: Type.Record(Type.String(), Type.Union([Type.Null(), Type.Object({ internal: Type.Boolean() })])),
  }),
  'docker-compose.yml',
);
/** Who runs our image. */
export const ours = ['api', 'worker', 'admin'];
export const service = (name: string) => services[name] ?? assert.fail(`there is no service ${name}`);
/** What Compose makes of `${NAME:-default}` where nothing is set. */
export const unset = (text: string): string => text.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1');
