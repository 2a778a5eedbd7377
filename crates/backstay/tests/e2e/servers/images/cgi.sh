#!/bin/sh
. /app/client
version=$(cat /app/version)
[ "$version" = 1 ] || version=2
printf 'HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n'
case "$QUERY_STRING" in
  n=*) if why=$(add_$version "${QUERY_STRING#n=}" 2>&1); then echo "ok $(cat /app/version)"; else echo "refused $why"; fi ;;
  rows) if found=$(rows_$version 2>&1); then printf 'rows\n%s\n' "$found"; else echo "refused $found"; fi ;;
  *) cat /app/version ;;
esac
