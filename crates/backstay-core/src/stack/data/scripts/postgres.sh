set -eu
user=${POSTGRES_USER:-}
if [ -n "${POSTGRES_USER_FILE:-}" ]; then user=$(cat "$POSTGRES_USER_FILE"); fi
user=${user:-postgres}
if [ -n "${POSTGRES_PASSWORD_FILE:-}" ]; then POSTGRES_PASSWORD=$(cat "$POSTGRES_PASSWORD_FILE"); fi
if [ -z "${POSTGRES_PASSWORD:-}" ]; then
  # Images that name them otherwise.
  POSTGRES_PASSWORD=${POSTGRESQL_POSTGRES_PASSWORD:-}
  file=${POSTGRESQL_POSTGRES_PASSWORD_FILE:-}
  if [ -z "$POSTGRES_PASSWORD$file" ]; then
    user=${POSTGRESQL_USERNAME:-$user}
    POSTGRES_PASSWORD=${POSTGRESQL_PASSWORD:-}
    file=${POSTGRESQL_PASSWORD_FILE:-}
  fi
  if [ -n "$file" ]; then POSTGRES_PASSWORD=$(cat "$file"); fi
fi
export PGUSER="$user" PGPASSWORD="${POSTGRES_PASSWORD:-}"
