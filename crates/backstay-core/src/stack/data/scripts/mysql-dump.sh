set -eu
password=${MARIADB_ROOT_PASSWORD:-${MYSQL_ROOT_PASSWORD:-}}
file=${MARIADB_ROOT_PASSWORD_FILE:-${MYSQL_ROOT_PASSWORD_FILE:-}}
if [ -n "$file" ]; then password=$(cat "$file"); fi
export MYSQL_PWD="$password"
dump=mysqldump
if command -v mariadb-dump >/dev/null 2>&1; then dump=mariadb-dump; fi
exec "$dump" --user=root --all-databases --single-transaction --quick --routines --events --triggers --flush-privileges
