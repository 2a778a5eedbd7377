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
set --
if [ -n "$user" ]; then
  umask 077
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  trap 'exit 1' HUP INT TERM
  printf "password: '%s'\n" "$(printf '%s' "${MONGO_INITDB_ROOT_PASSWORD:-}" | sed -e "s/'/''/g")" >"$folder/config"
  set -- --config="$folder/config" --username="$user" --authenticationDatabase=admin
fi
# A server that has just been started. One collection is enough to see that it lets us in.
ask() { mongodump --archive --db=admin --collection=system.version "$@" </dev/null >/dev/null; }
end=$(($(date +%s) + 60))
until ask "$@" 2>/dev/null; do
  if [ "$(date +%s)" -ge "$end" ]; then ask "$@"; exit 1; fi
  sleep 0.5
done
