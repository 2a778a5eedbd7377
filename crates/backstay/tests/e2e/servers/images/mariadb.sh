set -eu
if [ ! -d /data/mysql ]; then
  mariadb-install-db --no-defaults --datadir=/data --auth-root-authentication-method=normal --skip-test-db --skip-name-resolve >/tmp/log 2>&1 || { cat /tmp/log >&2; exit 1; }
fi
umask 077
printf "alter user root@localhost identified by '%s';\ncreate user if not exists root@'%%' identified by '%s';\ngrant all on *.* to root@'%%' with grant option;\n" "$MARIADB_ROOT_PASSWORD" "$MARIADB_ROOT_PASSWORD" >/tmp/init.sql
exec mariadbd --no-defaults --datadir=/data --socket=/run/mysqld/mysqld.sock --pid-file=/tmp/pid --init-file=/tmp/init.sql --innodb-buffer-pool-size=32M
