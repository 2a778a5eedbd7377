sql() { sqlite3 -cmd '.timeout 20000' /data/app.db "$1" </dev/null; }
prepare() { sql 'pragma journal_mode = wal; create table if not exists list (n int primary key, note text)' >/dev/null; }
add_1() { sql "insert into list (n, note) values ($1, 'note $1')"; }
add_2() { sql "insert into list (n) values ($1)"; }
migrate() { if rows_1 >/dev/null 2>&1; then sql 'alter table list drop column note'; fi; }
rows_1() { sql 'select n, note from list order by n'; }
rows_2() { sql "select n, '' from list order by n"; }
