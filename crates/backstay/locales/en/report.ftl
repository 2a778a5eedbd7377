# What `report` writes.

report-written = Wrote { $path } ({ $size }); only you can read it
report-written-in-folder = Wrote { $path } ({ $size }); whoever may read in this folder can read it
report-versions = the system and the versions
report-doctor = what `backstay doctor` finds
report-info = what Docker says of itself
report-model = the stack as Compose resolves it
report-containers = the states of the containers
report-logs = the last lines of a container
report-listing = the list of the backups: names, sizes, modes, times
report-journal = the journal of a run
report-release = the record of a release
report-errors = what could not be had
report-redacted = Values of env files, environments, secrets, configs and build arguments were replaced by [redacted], wherever they stood.
report-look = Look through it before you pass it on: logs may hold what no program knows to be secret.
