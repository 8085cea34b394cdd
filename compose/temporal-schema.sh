#!/bin/sh
# Creates both databases of Temporal and updates their schemas to the version of this image. May run any number of times.
set -eu
if [ -r /run/secrets/postgres_password ]; then
  SQL_PASSWORD="$(cat /run/secrets/postgres_password)"
  export SQL_PASSWORD
fi
schema="${SCHEMA_DIRECTORY:-/etc/temporal/schema}/postgresql/v12"

for part in temporal visibility; do
  case $part in temporal) database=temporal ;; visibility) database=temporal_visibility ;; esac
  temporal-sql-tool --database "$database" create-database
  temporal-sql-tool --database "$database" setup-schema --version 0.0
  temporal-sql-tool --database "$database" update-schema --schema-dir "$schema/$part/versioned"
done
