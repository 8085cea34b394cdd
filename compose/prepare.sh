#!/bin/sh
# Creates the secrets that can be random, and .env, for docker-compose.yml. It does not change existing files.
set -eu
cd "$(dirname "$0")/.."

# Containers read these files under user ids of their own, so the files are readable for all; the directory above them denies
# access to other users of this machine.
mkdir -p secrets/app
chmod 700 secrets
chmod 755 secrets/app
make_up() {
  [ -s "secrets/$1" ] || head -c 24 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >"secrets/$1"
  chmod 644 "secrets/$1"
}
make_up postgres_password
make_up app/api_token
make_up app/tableau_webhook_secret

if [ ! -e .env ]; then
  (umask 077 && cp .env.example .env)
  cat >>.env <<'END'

# --- Docker Compose: secrets as files under secrets/app, created by compose/prepare.sh ------------------------------------

API_TOKEN_FILE=/run/secrets/api_token
TABLEAU_WEBHOOK_SECRET_FILE=/run/secrets/tableau_webhook_secret
END
  echo 'Made .env: fill it in.'
fi
cat <<'END'
Secrets are in secrets/app. One of your own, such as the auth token of Twilio: write it there,
  printf %s 'the auth token' >secrets/app/twilio_auth_token && chmod 644 secrets/app/twilio_auth_token
and name it in .env in place of the value: TWILIO_AUTH_TOKEN_FILE=/run/secrets/twilio_auth_token
END
