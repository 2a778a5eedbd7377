export PGAPPNAME=backstay
me=$$ who=%
# What is set aside, and what is to go, bears a mark among its settings, so that another run knows it. One step at a time.
sql() {
  {
    printf '%s\n' "select pg_advisory_lock(hashtext('backstay'));" "create temporary view mark as select d.oid, d.datname as name, substring(c from '^backstay\.([a-z]+)=') as mark, substring(c from '=([0-9]+):') as by, substring(c from '=[0-9]+:(.*)\$') as was from pg_database d join pg_db_role_setting s on s.setdatabase = d.oid and s.setrole = 0, unnest(s.setconfig) c where c like 'backstay.%';"
    cat
  } | psql --no-psqlrc --quiet --dbname=template1 --set=ON_ERROR_STOP=1 --set=me="$me" --set=who="$who" >/dev/null
}
drop() {
  sql <<'SQL'
select pg_terminate_backend(a.pid) from pg_stat_activity a join mark m on m.oid = a.datid where m.mark = 'gone';
select format('drop database %I%s', name, case when current_setting('server_version_num')::int >= 130000 then ' with (force)' end) from mark where mark = 'gone' \gexec
SQL
}
# All as it was before: what came in the place of what is aside goes.
back_once() {
  sql <<'SQL' && drop && sql <<'SQL2'
select pg_terminate_backend(pid) from pg_stat_activity where :'who' = '%' and application_name = 'backstay' and pid <> pg_backend_pid();
begin;
select format('alter database %I allow_connections false', datname), format('alter database %I set backstay.gone = 1', datname) from pg_database where datallowconn and not datistemplate and exists (select from mark where mark = 'kept' and by like :'who' and name <> was) \gexec
commit;
SQL
begin;
select format('alter database %I rename to %I', name, was) from mark where mark = 'kept' and by like :'who' and name <> was \gexec
select format('alter database %I allow_connections true', name), format('alter database %I reset backstay.kept', name) from mark where mark = 'kept' and by like :'who' \gexec
select pg_terminate_backend(pid) from pg_stat_activity where :'who' = '%' and application_name = 'backstay' and pid <> pg_backend_pid();
commit;
SQL2
}
back() {
  tries=20
  until back_once; do
    tries=$((tries - 1))
    if [ "$tries" -le 0 ]; then exit 1; fi
    sleep 0.5
  done
}
# A server that has just been started.
tries=120
until sql </dev/null 2>/dev/null; do
  tries=$((tries - 1))
  if [ "$tries" -le 0 ]; then sql </dev/null; exit 1; fi
  sleep 0.5
done
# What is here of a run that was given up or killed.
back
who=$me
# Nobody gets in any more, and all of it goes aside at once: what can't be loaded then costs nothing.
sql <<'SQL'
begin;
select format('alter database %I allow_connections false', datname), format('alter database %I set backstay.kept = %L', datname, :'me' || ':' || datname) from pg_database where datallowconn and not datistemplate \gexec
commit;
SQL
tries=12
until sql <<'SQL'
select pg_terminate_backend(a.pid) from pg_stat_activity a join mark m on m.oid = a.datid;
begin;
select format('alter database %I rename to %I', name, 'backstay_kept_' || oid) from mark where mark = 'kept' and by = :'me' \gexec
commit;
SQL
do
  tries=$((tries - 1))
  if [ "$tries" -le 0 ]; then back; exit 1; fi
  sleep 0.5
done
# Only where nobody else has taken all of it back meanwhile. TimescaleDB has to know that its data is being loaded; to others that
# setting means nothing.
if PGOPTIONS="${PGOPTIONS:-} -c timescaledb.restoring=on" psql --no-psqlrc --quiet --dbname=template1 --set=ON_ERROR_STOP=1 \
  --command="select pg_advisory_lock(hashtext('backstay'))" \
  --command="do 'begin if exists (select from pg_database where datallowconn and not datistemplate) then raise exception ''somebody else uses the server''; end if; end'" \
  --file=- \
  --command="do 'begin if current_setting(''backstay.whole'', true) is distinct from ''yes'' then raise exception ''the dump breaks off''; end if; end'" >/dev/null; then
  sql <<'SQL'
begin;
select format('alter database %I set backstay.gone = 1', name), format('alter database %I reset backstay.kept', name) from mark where mark = 'kept' and by = :'me' \gexec
commit;
SQL
  drop
  exit 0
fi
back
exit 1
