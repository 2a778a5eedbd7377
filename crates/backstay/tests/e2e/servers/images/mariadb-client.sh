export MYSQL_PWD="$MARIADB_ROOT_PASSWORD"
sql() { mariadb --no-defaults --batch --skip-column-names --host=db --user=root --execute="$1" </dev/null; }
prepare() { sql 'create database if not exists shop; create table if not exists shop.list (n int primary key, note text)'; }
add_1() { sql "insert into shop.list (n, note) values ($1, 'note $1')"; }
add_2() { sql "insert into shop.list (n) values ($1)"; }
migrate() { sql 'alter table shop.list drop column if exists note'; }
rows_1() { sql "select concat(n, '|', note) from shop.list order by n"; }
rows_2() { sql "select concat(n, '|') from shop.list order by n"; }
