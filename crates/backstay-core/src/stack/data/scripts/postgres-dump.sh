# A role that is there already is no error; these lines hold no rows.
globals=$(pg_dumpall --globals-only)
printf '%s\n' "$globals" | sed -e 's/^CREATE ROLE \(.*\);$/DO $backstay$ BEGIN CREATE ROLE \1; EXCEPTION WHEN duplicate_object THEN NULL; END $backstay$;/'
names=$(psql --no-psqlrc --tuples-only --no-align --dbname=template1 --command="select datname from pg_database where datallowconn and not datistemplate order by datname")
printf '%s\n' "$names" | while IFS= read -r name; do
  if [ -n "$name" ]; then pg_dump --create --clean --if-exists --dbname="dbname='$(printf '%s' "$name" | sed -e "s/\\\\/\\\\\\\\/g" -e "s/'/\\\\'/g")'" </dev/null; fi
done
printf '%s\n' '-- PostgreSQL database cluster dump complete'
