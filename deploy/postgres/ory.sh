#!/bin/sh
# Run by the Postgres image when its volume is empty: a database and an owner for each Ory server.
set -eu

for server in kratos hydra keto; do
  variable="$(echo "$server" | tr a-z A-Z)_DB_PASSWORD"
  eval "password=\${$variable:?}"
  psql -v ON_ERROR_STOP=1 -v role="$server" -v password="$password" --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE :"role" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE :"role" OWNER :"role";
REVOKE CONNECT ON DATABASE :"role" FROM PUBLIC;
SQL
done
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  -c 'REVOKE CONNECT ON DATABASE moltnet FROM kratos, hydra, keto'
