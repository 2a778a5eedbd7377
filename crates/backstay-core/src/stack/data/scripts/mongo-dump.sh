mongodump --archive "$@"
