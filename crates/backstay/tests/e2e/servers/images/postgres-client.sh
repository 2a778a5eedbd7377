export PGPASSWORD="$POSTGRES_PASSWORD"
sql() { psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 --host=db --username=postgres --command="$1" </dev/null; }
prepare() { sql 'create table if not exists rows (n int primary key, note text)'; }
add_1() { sql "insert into rows (n, note) values ($1, 'note $1')"; }
add_2() { sql "insert into rows (n) values ($1)"; }
migrate() { sql 'alter table rows drop column if exists note'; }
rows_1() { sql 'select n, note from rows order by n'; }
rows_2() { sql "select n, '' from rows order by n"; }
