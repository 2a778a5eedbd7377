umask 077
rm -rf "${TMPDIR:-/tmp}"/backstay-restore.* 2>/dev/null || true
folder=$(mktemp -d "${TMPDIR:-/tmp}/backstay-restore.XXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
cat >"$folder/copy"
test "$(sqlite3 "$folder/copy" 'pragma integrity_check' </dev/null)" = ok
sqlite3 -cmd '.timeout 30000' "$1" ".restore '$folder/copy'" </dev/null
