# What `doctor` finds.

doctor-checking = Checking...
doctor-engine = { $version } (API { $api }) at { $host }
doctor-engine-context = { $version } (API { $api }) at { $host }, context { $context }
doctor-compose = Docker Compose { $version }
doctor-compose-newer = Docker Compose { $version } is newer than { $tried }, the newest one that Backstay was tried with
doctor-hint-compose-newer = look at the end of the first run with it; a key that it has learned since is refused by name
doctor-buildx = buildx { $version }
doctor-no-buildx = buildx is not installed: Docker builds images with it
doctor-hint-buildx = install the package `docker-buildx-plugin` or `docker-buildx`; Docker Desktop brings it
doctor-no-stack = there is no compose file here: only the machine is checked
doctor-stack = Stack { $project }: { $count ->
    [one] 1 service
   *[other] { $count } services
} from { $files }
doctor-stack-unread = the stack was not read: that needs Docker Compose

doctor-running = a run goes on: `{ $command }`, process { $pid } on { $host }, since { $since }
doctor-no-run = No run is open
doctor-interrupted = the run { $run } was interrupted
doctor-hint-interrupted = the next run finishes or undoes it; `backstay recover` does so now
doctor-stuck = the run { $run } could not be undone in full, and is stuck
doctor-hint-stuck = `backstay recover` tries again and prints the commands that are left to a person

doctor-space = { $free } free in { $path }
doctor-space-unknown = it is not known how much is free in { $path }: { $error }

doctor-ports = Host ports are free or the stack's own: { $ports }
doctor-no-ports = The stack publishes no host ports
doctor-container-of = container `{ $container }` of project { $project }
doctor-process = process { $pid } (`{ $command }`)
doctor-hint-process = stop process { $pid }, or choose another port in the compose file
doctor-process-of = a process of the user with the id { $user }

doctor-permissions = Runs can write where they have to, and nobody else can read there
doctor-not-writable = this user may not write in:
doctor-open-modes = { $count ->
    [one] 1 entry of the backups is open to other users
   *[other] { $count } entries of the backups are open to other users
}
doctor-hint-open-modes = backups hold passwords: `chmod -R { $who }= '{ $path }'`
doctor-and-more = and { $count } more

doctor-clock = The clock agrees with Docker's
doctor-clock-alone = The clock is not behind any release
doctor-clock-engine = Docker's clock differs from this one by { $seconds } s
doctor-clock-release = the clock is behind: the newest release was made at { $made }
doctor-hint-clock = set the clock, for example with `timedatectl set-ntp true`; a Docker Desktop that was asleep has to be restarted

doctor-backups = { $count ->
    [one] 1 backup
   *[other] { $count } backups
}, { $size } with their images
doctor-backup-damaged = the backup { $folder } is damaged: { $problem }
doctor-hint-backup-damaged = the others can still be restored; `backstay backups remove` removes this one
doctor-backup-incomplete = the backup { $folder } can't be restored: { $count ->
    [one] an image is neither on Docker nor in its vault
   *[other] { $count } images are neither on Docker nor in its vault
}
doctor-hint-backup-incomplete = load these very images again (`docker load`), or remove the backup

doctor-registry = { $registry } answers in { $millis } ms
doctor-registry-by-mirror = { $registry } does not answer; its mirror { $mirror } does in { $millis } ms
doctor-registry-missed = { $registry } can't be reached
doctor-registry-status = { $registry } answers with { $status }, which is not what a registry says
doctor-registry-untrusted = { $registry } answers with a certificate that this machine does not trust
doctor-hint-untrusted = give Docker the certificate of its authority: `/etc/docker/certs.d/{ $registry }/ca.crt`
doctor-registry-unknown = Docker does not say where it is
doctor-registry-needed = needed for: { $images }
doctor-registry-not-needed = all images from there are on Docker already
doctor-hint-slow = that is slow: pulls and builds will take their time
doctor-hint-mirrors = a mirror under `registry-mirrors` in Docker's `daemon.json` helps; so does a proxy: https://docs.docker.com/engine/daemon/proxy/
doctor-hint-other-registry = `registry-mirrors` serves { $default } only: for { $registry }, name a mirror of it in `FROM` or `image`, or give Docker a proxy: https://docs.docker.com/engine/daemon/proxy/
doctor-hint-local-registry = start the registry that listens at { $registry }
doctor-mirror = The mirror { $mirror } answers in { $millis } ms
doctor-mirror-missed = the mirror { $mirror } can't be reached
doctor-mirror-status = the mirror { $mirror } answers with { $status }, which is not what a registry says
doctor-hint-other-mirror = choose another mirror

doctor-bad-mirrors = `x-backstay.registry-mirrors` is not a list of addresses: { $problem }
mirror-scheme = a mirror begins with `https://` or `http://`
mirror-host = a mirror has a host
mirror-rest = a mirror has no user, no query and no fragment
doctor-mirrors-there = The mirrors are in `daemon.json` already.
doctor-would-change = `{ $path }` would become:
doctor-written = Wrote { $path }
doctor-copy = The old file is { $path }
doctor-how-to-fix = `backstay doctor --fix` with the same flags writes it. Docker is not restarted.
doctor-no-mirrors = No mirror is named: give some with `--mirror URL`, or list them under `x-backstay.registry-mirrors` in the compose file. Then the change of `daemon.json` is shown, and made with `--fix`.
doctor-mirrors-serve-default = Mirrors serve the default registry only.
doctor-restart-system = Docker reads it when it starts: `sudo systemctl restart docker`. That stops containers, unless `live-restore` is set.
doctor-restart-rootless = Docker reads it when it starts: `systemctl --user restart docker`. That stops containers, unless `live-restore` is set.
doctor-restart-desktop = Docker reads it when it starts: Docker Desktop → Settings → Docker Engine → Apply & Restart.
doctor-engine-elsewhere = Docker runs at { $host }: its `daemon.json` is not on this machine
doctor-hint-elsewhere = run `backstay doctor` there, or name a file with `--daemon-json`
doctor-not-json = `{ $path }` is not valid JSON at line { $line }, column { $column }: { $problem }
doctor-not-utf8 = it is not UTF-8
doctor-no-object = it is not an object
doctor-no-list = `registry-mirrors` is not a list of texts
doctor-hint-not-json = correct the file; it was left as it is
doctor-hint-root = run it as root: `sudo backstay doctor --fix …`

doctor-skipped = ports, images and the registry by default were not checked: Docker does not answer
doctor-all-well = All is well.
doctor-warnings = Nothing is broken; { $count ->
    [one] 1 thing
   *[other] { $count } things
} to look at.
doctor-problems = { $count ->
    [one] 1 problem was found.
   *[other] { $count } problems were found.
}
