set -eu
client=redis-cli
if command -v valkey-cli >/dev/null 2>&1; then client=valkey-cli; fi
password=${REDIS_PASSWORD:-${VALKEY_PASSWORD:-}}
file=${REDIS_PASSWORD_FILE:-${VALKEY_PASSWORD_FILE:-}}
if [ -n "$file" ]; then password=$(cat "$file"); fi
if [ -n "$password" ]; then export REDISCLI_AUTH="$password" VALKEYCLI_AUTH="$password"; fi
umask 077
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$client" --rdb "$folder/dump.rdb" </dev/null >/dev/null
test -s "$folder/dump.rdb"
cat "$folder/dump.rdb"
