set -eu
client=redis-cli server=redis-server
if command -v valkey-cli >/dev/null 2>&1; then client=valkey-cli server=valkey-server; fi
password=${REDIS_PASSWORD:-${VALKEY_PASSWORD:-${REDISCLI_AUTH:-${VALKEYCLI_AUTH:-}}}}
file=${REDIS_PASSWORD_FILE:-${VALKEY_PASSWORD_FILE:-}}
if [ -n "$file" ]; then password=$(cat "$file"); fi
if [ -z "$password" ]; then
  # What it was started with, where that can still be seen, or what one of its usual files says.
  words=$(tr '\0' '\n' </proc/1/cmdline 2>/dev/null) || words=
  password=$(printf '%s\n' "$words" | sed -n -e '/^--requirepass$/{' -e n -e p -e '}' | tail -n 1)
  for conf in $(printf '%s\n' "$words" | grep -e '^/.*\.conf$') /usr/local/etc/redis/redis.conf /usr/local/etc/valkey/valkey.conf /etc/redis/redis.conf /etc/valkey/valkey.conf /etc/redis.conf /data/redis.conf /data/valkey.conf; do
    if [ -z "$password" ] && [ -r "$conf" ]; then
      password=$(sed -n -e 's/[[:space:]]*$//' -e 's/^[[:space:]]*requirepass[[:space:]]\{1,\}//p' "$conf" | sed -e 's/^"\(.*\)"$/\1/' -e "s/^'\(.*\)'\$/\1/" | tail -n 1)
    fi
  done
fi
if [ -n "$password" ]; then export REDISCLI_AUTH="$password" VALKEYCLI_AUTH="$password"; fi
# A server that has just been started; one that still reads its data takes as long as it takes.
tries=120
while :; do
  said=$("$client" ping </dev/null 2>&1) || true
  case "$said" in
    PONG) break ;;
    # It wants none.
    *PONG) unset REDISCLI_AUTH VALKEYCLI_AUTH ;;
    *LOADING*) ;;
    *NOAUTH*) tries=0 && said="$said The variable REDISCLI_AUTH of the service may hold its password." ;;
    *) tries=$((tries - 1)) ;;
  esac
  if [ "$tries" -le 0 ]; then printf '%s\n' "$said" >&2; exit 1; fi
  sleep 0.5
done
umask 077
