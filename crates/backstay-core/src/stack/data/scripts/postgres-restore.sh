# A server that has just been started.
tries=120
until psql --no-psqlrc --quiet --dbname=template1 --command='select 1' </dev/null >/dev/null 2>&1; do
  tries=$((tries - 1))
  if [ "$tries" -le 0 ]; then psql --no-psqlrc --quiet --dbname=template1 --command='select 1' </dev/null; exit 1; fi
  sleep 0.5
done
# What has come since the dump goes, and nobody is in the way.
psql --no-psqlrc --quiet --dbname=template1 --set=ON_ERROR_STOP=1 >/dev/null <<'SQL'
select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend';
select format('drop database %I', datname) from pg_database where datallowconn and not datistemplate \gexec
SQL
exec psql --no-psqlrc --quiet --dbname=template1 --set=ON_ERROR_STOP=1 >/dev/null
