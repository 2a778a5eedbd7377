# A role that is there already is no error; these lines hold no rows.
globals=$(pg_dumpall --globals-only --no-tablespaces)
printf '%s\n' "$globals" | sed -e 's/^CREATE ROLE \(.*\);$/DO $backstay$ BEGIN CREATE ROLE \1; EXCEPTION WHEN duplicate_object THEN NULL; END $backstay$;/'
names=$(psql --no-psqlrc --tuples-only --no-align --dbname=template1 --command="select datname from pg_database where datallowconn and not datistemplate order by datname")
printf '%s\n' "$names" | while IFS= read -r name; do
  if [ -n "$name" ]; then
    pg_dump --create --clean --if-exists --no-tablespaces --dbname="dbname='$(printf '%s' "$name" | sed -e "s/\\\\/\\\\\\\\/g" -e "s/'/\\\\'/g")'" </dev/null
    # TimescaleDB waits for it where its data has just been loaded.
    printf '%s\n' "select format('select %I.timescaledb_post_restore()', n.nspname) from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'timescaledb' \\gexec"
  fi
done
# Whoever restores it asks for this: then nothing is missing.
printf '%s\n' "set backstay.whole = 'yes';" '-- PostgreSQL database cluster dump complete'
