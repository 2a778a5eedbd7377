set -eu
. /app/client
version=$(cat /app/version)
prepare
if [ "$version" != 1 ]; then migrate; fi
# What is missing shows only when the column is gone.
if [ -e /app/fails ]; then echo 'a setting is missing' >&2; exit 1; fi
exec httpd -f -p 8080 -h /www
