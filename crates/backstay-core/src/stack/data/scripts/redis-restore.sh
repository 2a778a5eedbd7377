set -eu
client=redis-cli server=redis-server
if command -v valkey-cli >/dev/null 2>&1; then client=valkey-cli server=valkey-server; fi
password=${REDIS_PASSWORD:-${VALKEY_PASSWORD:-}}
file=${REDIS_PASSWORD_FILE:-${VALKEY_PASSWORD_FILE:-}}
if [ -n "$file" ]; then password=$(cat "$file"); fi
if [ -n "$password" ]; then export REDISCLI_AUTH="$password" VALKEYCLI_AUTH="$password"; fi
umask 077
folder=$(mktemp -d)
second=
finish() {
  if [ -n "$second" ]; then kill "$second" 2>/dev/null || true; wait "$second" 2>/dev/null || true; fi
  rm -rf "$folder"
}
trap finish EXIT
cat >"$folder/dump.rdb"
tries=120
until [ "$("$client" ping </dev/null 2>/dev/null)" = PONG ]; do
  tries=$((tries - 1))
  if [ "$tries" -le 0 ]; then "$client" ping </dev/null; exit 1; fi
  sleep 0.5
done
# A second server has the data, and this one becomes its replica for a moment: nothing has to be started anew, and what this server
# writes to its disk is its own matter.
port=$((20000 + $$ % 20000))
"$server" --port "$port" --bind 127.0.0.1 --dir "$folder" --dbfilename dump.rdb --appendonly no --save '' --protected-mode no --daemonize no --logfile "$folder/log" </dev/null >/dev/null 2>&1 &
second=$!
tries=240
until [ "$(env -u REDISCLI_AUTH -u VALKEYCLI_AUTH "$client" -p "$port" ping </dev/null 2>/dev/null)" = PONG ]; do
  tries=$((tries - 1))
  if [ "$tries" -le 0 ] || ! kill -0 "$second" 2>/dev/null; then tail -n 5 "$folder/log" >&2; exit 1; fi
  sleep 0.5
done
"$client" replicaof 127.0.0.1 "$port" </dev/null >/dev/null
tries=1200
until "$client" info replication </dev/null | tr -d '\r' | grep -q '^master_link_status:up$'; do
  tries=$((tries - 1))
  if [ "$tries" -le 0 ]; then "$client" replicaof no one </dev/null >/dev/null; echo 'the server did not take the data over' >&2; exit 1; fi
  sleep 0.25
done
"$client" replicaof no one </dev/null >/dev/null
