dump=mysqldump
if command -v mariadb-dump >/dev/null 2>&1; then dump=mariadb-dump; fi
exec "$dump" --user=root --all-databases --single-transaction --quick --routines --events --triggers --flush-privileges
