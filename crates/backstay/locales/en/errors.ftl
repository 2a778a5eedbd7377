# Errors and what to do about them.

error-label = error:
hint-label = hint:

engine-not-installed = Docker is not installed: there is no `docker` program
engine-not-running = Docker is not running
engine-no-permission = Docker is running, but this user may not use it
engine-too-old = Docker is too old
compose-missing = Docker Compose v2 is not installed (`docker compose`)
compose-too-old = Docker Compose is too old
engine-refused = Docker refused: { $action }
engine-port-taken = a host port is taken

hint-install-linux = install Docker Engine with your distribution's packages or `curl -fsSL https://get.docker.com | sh`; see https://docs.docker.com/engine/install/
hint-install-macos = install Docker Desktop with `brew install --cask docker`; see https://docs.docker.com/desktop/
hint-install-windows = install Docker Desktop with `winget install Docker.DockerDesktop`; see https://docs.docker.com/desktop/
hint-start-linux = start it with `sudo systemctl start docker`
hint-start-macos = start it with `open -a Docker`, and wait until it says that it runs
hint-start-windows = start Docker Desktop, and wait until it says that it runs
hint-docker-host = DOCKER_HOST is `{ $host }`: check that Docker listens there, or unset the variable
hint-permission-linux = run as root, or join the group with `sudo usermod -aG docker "$USER"` and log in again
hint-permission-macos = start Docker Desktop as this user
hint-permission-windows = add the user to the group `docker-users` and log in again
hint-compose-linux = install the plugin: the package is `docker-compose-plugin` or `docker-compose-v2`; see https://docs.docker.com/compose/install/linux/
hint-compose-desktop = update Docker Desktop: it brings Docker Compose v2
hint-port = `docker ps` shows which container publishes the port; otherwise another program listens there
hint-port-linux = `sudo ss -ltnp 'sport = :{ $port }'` shows who has port { $port }
hint-port-macos = `lsof -nP -iTCP:{ $port } -sTCP:LISTEN` shows who has port { $port }
hint-port-windows = `netstat -ano | findstr :{ $port }` shows who has port { $port }
hint-port-container = `docker stop { $container }` frees the port, or choose another one in the compose file
hint-registry = the registry can't be reached from here; a mirror under `registry-mirrors` in Docker's `daemon.json` may help

stack-not-valid = the stack is not valid
stack-file-missing = a file that the stack names does not exist
hint-stack-not-valid = `docker compose config` checks the files without changing anything
hint-stack-file-missing = create the file, or correct its path in the compose file
no-compose-file = no compose file in `{ $folder }` or above it
hint-no-compose-file = go to the stack's directory, or name its file with `-f`
missing-file = `{ $file }`, which { $user } names, does not exist
hint-missing-file = create the file, or correct its name
stdin-file = `-f -` can't be used: a release records its files, and stdin can't be read again
hint-stdin-file = save the text as a file and name that
remote-file = `{ $file }` can't be used: a release records its files, and this one is not on this machine
hint-remote-file = fetch the file and name the local copy

locked = another run works on this stack: `{ $command }`, process { $pid } on { $host }, since { $since }
hint-locked = wait until it is done; nothing has been changed
not-ready = the machine is not ready for this run; nothing has been changed
port-taken = port { $port } of service { $service } is taken by { $holder }
another-process = another process
a-container = container `{ $container }`
disk-too-small = `{ $path }` has { $free } free; at least { $needed } are needed
disk-full = no space left on the disk
hint-disk-full = `docker system df` shows what Docker keeps, `backstay backups prune --keep-last 3` removes old backups
read-only = `{ $path }` is on a read-only file system
hint-read-only = mount it for writing: backups and the journal are kept beside the compose file
not-permitted = no permission for `{ $path }`
hint-not-permitted = run as the user who owns the stack's directory
io-failed = a file could not be read or written: `{ $path }`

journal-damaged = the journal `{ $file }` is damaged at line { $line }: { $problem }
hint-journal-damaged = compare what runs (`docker ps -a`) with `backstay backups`, then move the journal away
damaged = `{ $file }` is damaged: { $problem }
hint-current-damaged = go back to a kept release with `backstay rollback <release>`, or move `.backup/current` away: what runs is then recorded anew
linked-folder = `{ $path }` is a link: backups would be written and removed where it leads
hint-linked-folder = put a folder in its place; to keep backups on another disk, mount that there
too-new = `{ $file }` has format version { $found }; this program knows versions up to { $known }
hint-too-new = use the newer Backstay that wrote it
no-release = no backup `{ $name }` is kept
no-earlier-release = no earlier release is kept
hint-no-release = `backstay backups` lists what can be restored
incomplete = release { $release } can't be restored; it lacks:
hint-other-release = `backstay backups` lists the other releases
protected = `{ $name }` is kept: it is the release that runs now, or the one before it
hint-protected = deploy or roll back first; then it can be removed
outside = `{ $path }` is not in `{ $root }`

interrupted-early = interrupted; nothing has been changed
declined = not confirmed; nothing has been changed
run-rolled-back = the run failed and was undone: { $cause }
run-interrupted = the run was interrupted and undone
run-stuck = the run failed and could not be undone in full: { $cause }
hint-stuck = run these commands in this order; `docker ps -a` shows what runs
hint-stuck-engine = Docker was killed at work and keeps a port or a place that nothing has; only a restart of Docker (Docker Desktop: `Restart`) frees it, which restarts all its containers
hint-rolled-back = nothing of the failed release is left; correct the cause and try again
hint-deadline = a slow start needs more time: `--wait-timeout SECONDS`, or the healthcheck's start_period
hint-out-of-memory = give { $service } more memory (`mem_limit`, `deploy.resources.limits.memory`)
