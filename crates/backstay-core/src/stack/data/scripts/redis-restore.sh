rm -rf "${TMPDIR:-/tmp}"/backstay-restore.* 2>/dev/null || true
folder=$(mktemp -d "${TMPDIR:-/tmp}/backstay-restore.XXXXXX")
second= port=
state() { "$client" info "$1" </dev/null 2>/dev/null | tr -d '\r' || true; }
finish() {
  case "$(state replication)" in
    *"master_host:127.0.0.1"*"master_port:${port:-none}"*) "$client" replicaof no one </dev/null >/dev/null 2>&1 || true ;;
  esac
  if [ -n "$second" ]; then kill "$second" 2>/dev/null || true; wait "$second" 2>/dev/null || true; fi
  rm -rf "$folder"
}
fail() {
  echo "$1" >&2
  tail -n 5 "$folder/log" >&2 2>/dev/null || true
  exit 1
}
trap finish EXIT
trap 'exit 1' HUP INT TERM
cat >"$folder/dump.rdb"
# A second server has the data, and this one becomes its replica for a moment: nothing has to be started anew, and what this server
# writes to its disk is its own matter. It reads what this one can read: as many databases, and the same modules.
{
  "$client" config get databases </dev/null | tr -d '\r' | sed -n -e '/^databases$/{' -e 'n' -e 's/^/databases /p' -e '}'
  "$client" --no-raw module list </dev/null 2>/dev/null | tr -d '\r' | awk '
    function show() { if (line != "") print line; line = "" }
    /^ ?[0-9]+\) 1\) "name"$/ { show(); args = 0; next }
    !sub(/^[ ()0-9]*\) "/, "\"") { next }
    args { if (line != "") line = line " " $0; next }
    $0 == "\"args\"" { args = 1; next }
    path { path = 0; if ($0 != "\"\"") line = "loadmodule " $0 }
    $0 == "\"path\"" { path = 1 }
    END { show() }' || true
} >"$folder/conf"
port=$((20000 + $$ % 20000))
"$server" "$folder/conf" --port "$port" --bind 127.0.0.1 --dir "$folder" --dbfilename dump.rdb --appendonly no --save '' --protected-mode no --daemonize no --repl-diskless-sync-delay 0 --logfile "$folder/log" </dev/null >/dev/null 2>&1 9>&- &
second=$!
until [ "$(env -u REDISCLI_AUTH -u VALKEYCLI_AUTH "$client" -p "$port" ping </dev/null 2>/dev/null)" = PONG ]; do
  if ! kill -0 "$second" 2>/dev/null; then fail "the data can't be read"; fi
  sleep 0.5
done
# From here on it takes as long as it takes, while it goes on.
said=$("$client" replicaof 127.0.0.1 "$port" </dev/null)
if [ "$said" != OK ]; then fail "$said"; fi
idle=0
while :; do
  case "$(state replication)" in
    *"master_port:$port"*master_link_status:up*) break ;;
    *master_sync_in_progress:1*) idle=0 ;;
    *) idle=$((idle + 1)) ;;
  esac
  if [ "$idle" -ge 240 ] || ! kill -0 "$second" 2>/dev/null; then fail 'the server did not take the data over'; fi
  sleep 0.25
done
said=$("$client" replicaof no one </dev/null)
if [ "$said" != OK ]; then fail "$said"; fi
# What it has taken over is on its disk, too, where it keeps a log.
idle=0
while :; do
  case "$(state persistence)" in
    *aof_enabled:0* | *aof_rewrite_in_progress:0*aof_rewrite_scheduled:0*aof_last_bgrewrite_status:ok*) break ;;
    *aof_rewrite_in_progress:1* | *aof_rewrite_scheduled:1*aof_last_bgrewrite_status:ok*) idle=0 ;;
    *) idle=$((idle + 1)) ;;
  esac
  if [ "$idle" -ge 240 ]; then fail 'the server does not write its log'; fi
  sleep 0.25
done
case "$(state replication)" in
  *role:master*) ;;
  *) fail 'the server is a replica of another one' ;;
esac
