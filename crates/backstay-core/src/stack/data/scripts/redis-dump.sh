rm -rf "${TMPDIR:-/tmp}"/backstay-dump.* 2>/dev/null || true
folder=$(mktemp -d "${TMPDIR:-/tmp}/backstay-dump.XXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
"$client" --rdb "$folder/dump.rdb" </dev/null >/dev/null
test -s "$folder/dump.rdb"
cat "$folder/dump.rdb"
