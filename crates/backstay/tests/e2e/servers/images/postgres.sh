set -eu
if [ ! -s /data/PG_VERSION ]; then
  umask 077
  printf '%s' "$POSTGRES_PASSWORD" >/tmp/password
  initdb --pgdata=/data --username=postgres --pwfile=/tmp/password --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 --no-locale --no-sync >/tmp/log
  rm /tmp/password
  echo 'host all all all scram-sha-256' >>/data/pg_hba.conf
fi
exec postgres -D /data -c listen_addresses='*'
