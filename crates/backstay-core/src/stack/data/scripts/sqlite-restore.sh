set -eu
umask 077
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/copy"
test "$(sqlite3 "$folder/copy" 'pragma integrity_check' </dev/null)" = ok
sqlite3 -cmd '.timeout 30000' "$1" ".restore '$folder/copy'" </dev/null
