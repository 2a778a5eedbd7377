#!/bin/sh
# Rolls the stack in this folder back to a backup.
# Only a wrapper: every flag goes to `backstay rollback`, whose --help lists them.
set -eu
cd -- "$(dirname -- "$0")"
if ! command -v backstay >/dev/null 2>&1; then
    echo "backstay is not in PATH / PATH 中找不到 backstay" >&2
    exit 127
fi
exec backstay rollback "$@"
