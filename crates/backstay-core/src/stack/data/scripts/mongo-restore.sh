set -eu
user=${MONGO_INITDB_ROOT_USERNAME:-}
if [ -n "${MONGO_INITDB_ROOT_USERNAME_FILE:-}" ]; then user=$(cat "$MONGO_INITDB_ROOT_USERNAME_FILE"); fi
if [ -n "${MONGO_INITDB_ROOT_PASSWORD_FILE:-}" ]; then MONGO_INITDB_ROOT_PASSWORD=$(cat "$MONGO_INITDB_ROOT_PASSWORD_FILE"); fi
if [ -z "$user" ] && [ -n "${MONGODB_ROOT_PASSWORD:-}${MONGODB_ROOT_PASSWORD_FILE:-}" ]; then
  # Images that name them otherwise.
  user=${MONGODB_ROOT_USER:-root}
  MONGO_INITDB_ROOT_PASSWORD=${MONGODB_ROOT_PASSWORD:-}
  if [ -n "${MONGODB_ROOT_PASSWORD_FILE:-}" ]; then MONGO_INITDB_ROOT_PASSWORD=$(cat "$MONGODB_ROOT_PASSWORD_FILE"); fi
fi
if [ -z "$user" ]; then exec mongorestore --quiet --archive --drop; fi
umask 077
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
printf "password: '%s'\n" "$(printf '%s' "${MONGO_INITDB_ROOT_PASSWORD:-}" | sed -e "s/'/''/g")" >"$folder/config"
mongorestore --quiet --archive --drop --config="$folder/config" --username="$user" --authenticationDatabase=admin
