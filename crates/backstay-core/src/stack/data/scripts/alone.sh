set -eu
# One at a time: a run that was given up or killed may have left one at work.
lock=${TMPDIR:-/tmp}/backstay-restore
if command -v flock >/dev/null 2>&1 && (: >>"$lock") 2>/dev/null; then
  exec 9>>"$lock"
  flock 9
fi
