client=mysql
if command -v mariadb >/dev/null 2>&1; then client=mariadb; fi
# A server that has just been started.
tries=120
until "$client" --user=root --batch --execute='select 1' </dev/null >/dev/null 2>&1; do
  tries=$((tries - 1))
  if [ "$tries" -le 0 ]; then "$client" --user=root --batch --execute='select 1' </dev/null; exit 1; fi
  sleep 0.5
done
# What has come since the dump goes.
drops=$("$client" --user=root --batch --raw --skip-column-names --execute="select concat('drop database \`', replace(schema_name, '\`', '\`\`'), '\`;') from information_schema.schemata where schema_name not in ('mysql', 'sys', 'information_schema', 'performance_schema')" </dev/null)
printf '%s\n' "$drops" | "$client" --user=root
exec "$client" --user=root
