set -eu
umask 077
rm -rf "${TMPDIR:-/tmp}"/backstay-dump.* 2>/dev/null || true
folder=$(mktemp -d "${TMPDIR:-/tmp}/backstay-dump.XXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
test -f "$1"
sqlite3 -cmd '.timeout 30000' "$1" ".backup '$folder/copy'" </dev/null
test "$(sqlite3 "$folder/copy" 'pragma integrity_check' </dev/null)" = ok
cat "$folder/copy"
