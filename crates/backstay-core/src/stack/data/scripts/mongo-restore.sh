# Without the first of these it ends well though rows are missing.
mongorestore --archive --drop --stopOnError --bypassDocumentValidation "$@"
