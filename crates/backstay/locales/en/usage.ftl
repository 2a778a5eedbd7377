# The command line itself.

usage-heading = Usage:
usage-commands = Commands
usage-command = COMMAND
usage-options = Options
usage-some-options = {"["}OPTIONS]
usage-arguments = Arguments
usage-global-options = Global options

usage-unknown = unexpected argument `{ $argument }`
usage-unknown-command = there is no command `{ $command }`
usage-no-value = `{ $argument }` needs a value
usage-bad-value = `{ $value }` is not a value for `{ $argument }`
usage-missing = missing: { $argument }
usage-conflict = `{ $argument }` can't be used with `{ $other }`
usage-no-command = a command is needed
usage-too-many = unexpected value `{ $value }` for `{ $argument }`
hint-duration = a duration is written `90s`, `1m30s` or `1h`; a number alone is seconds
hint-similar = did you mean `{ $name }`?
hint-valid-values = possible values: { $values }
hint-help = `backstay --help` lists the commands and flags
usage-needs-yes = there is no terminal to ask on: say `--yes` to go ahead without a question
usage-needs-release = there is no terminal to ask on: name a release, or say `--yes` for the last good one before this
usage-unknown-service = there is no service { $services }
usage-no-services = there is no service to update: none is built, and none was named
hint-known-services = the services are: { $services }
init-others = other files have these names: { $files }; nothing was written
hint-init-force = `--force` replaces them
signal-first = Stopping...
signal-again = Still undoing; this can't be skipped
