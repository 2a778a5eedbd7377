dump=mysqldump
if command -v mariadb-dump >/dev/null 2>&1; then dump=mariadb-dump; fi
# Where Oracle's tool names transactions that the server has made already, the server does not take the dump back.
if "$dump" --help 2>/dev/null | grep -q -e '--set-gtid-purged'; then set -- --set-gtid-purged=OFF; else set --; fi
exec "$dump" --user=root --all-databases --single-transaction --quick --routines --events --triggers --flush-privileges "$@"
