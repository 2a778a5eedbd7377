set -eu
umask 077
printf 'dir /data\nappendonly yes\nappendfsync always\nprotected-mode no\nrequirepass %s\n' "$VALKEY_PASSWORD" >/tmp/valkey.conf
exec valkey-server /tmp/valkey.conf
