set -eu
umask 077
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
test -f "$1"
sqlite3 -cmd '.timeout 30000' "$1" ".backup '$folder/copy'" </dev/null
test "$(sqlite3 "$folder/copy" 'pragma integrity_check' </dev/null)" = ok
cat "$folder/copy"
