set -eu
user=${POSTGRES_USER:-}
if [ -n "${POSTGRES_USER_FILE:-}" ]; then user=$(cat "$POSTGRES_USER_FILE"); fi
user=${user:-postgres}
if [ -n "${POSTGRES_PASSWORD_FILE:-}" ]; then POSTGRES_PASSWORD=$(cat "$POSTGRES_PASSWORD_FILE"); fi
export PGUSER="$user" PGPASSWORD="${POSTGRES_PASSWORD:-}"
