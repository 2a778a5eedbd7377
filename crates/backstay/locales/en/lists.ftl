# Lists: backups, one backup, status, questions.

backups-available = Available backups:
updates-available = Available update backups:
updates-services = Services: { $services }
updates-path = Path: { $path }
updates-unknown = not recorded
backups-current = Running now: { $release }
backups-none = No backups yet.
backups-runs-now = runs now
backups-plain = made by the old scripts
backups-damaged = damaged: { $problem }
backups-removed = Removed { $folder }
backups-would-remove = Would remove { $folder }
backups-pinned = pinned
backups-size = { $own }
backups-size-shared = { $own } and { $shared } shared
backups-now-pinned = { $folder } is pinned: no rule removes it
backups-now-unpinned = { $folder } is not pinned
backups-verified = Read { $backups } backups, { $journals } journals and { $images } images
backups-sound = All of it is as it was recorded
backups-damage-hint = The other backups can still be restored. Remove a damaged one: backstay backups remove <folder>
restore-test-begins = Restoring a release beside the stack, without host ports and with empty volumes ...
restore-test-left-out = { $service } is left out: it can't run twice ({ $key })
restore-test-left = can't be taken away: { $what }
restore-test-passed = { $folder } (release { $release }) can be restored. Services that came up and were ready: { $services }; all is taken away again
restore-test-failed = { $folder } (release { $release }) did not come up: { $why }
restore-test-untouched = What runs was not touched; what was started for the test is taken away again.
backups-exported = Exported { $folder } (release { $release }, { $images ->
    [one] 1 image
   *[other] { $images } images
}) to { $file }: { $size }
backups-imported = Imported { $folder } (release { $release }, { $images ->
    [one] 1 image
   *[other] { $images } images
}); it is pinned
backups-imported-next = Bring it back: backstay rollback { $folder }
backups-nothing-to-remove = Nothing to remove.

origin-deploy = made by a deployment
origin-update = made by an update
origin-adopted = recorded as it ran

show-release = Release
show-made = Made
show-origin = Origin
show-project = Project
show-folder = Folder
show-profiles = Profiles
show-services = Services:
show-containers = { $count ->
    [one] 1 container
   *[other] { $count } containers
}
show-files = Files:
show-file-absent = { $path } (the release does without it)
show-file-outside = { $path } (outside of the stack's folder)
show-file-compared = { $path } (compared, never written)
show-folder-kept = { $path } (folder)
show-folder-data = { $path } (folder that services write: not kept)
show-folder-not-kept = { $path } (folder: not kept)

status-project = Project: { $project }
status-release = Release: { $release } (made { $created })
status-place = State: { $path }
status-ran-as = the stack of this folder has run as the project { $was } so far: `-p { $was }` shows it
status-no-release = Release: none is recorded
status-damaged = Release: its record is damaged
status-nothing-runs = Nothing runs.
status-service = SERVICE
status-container = CONTAINER
status-image = IMAGE
status-state = STATE
status-no-drift = What runs is what was released
status-interrupted = The run { $run } was interrupted: `backstay recover` finishes or undoes it

state-created = created
state-running = running
state-paused = paused
state-restarting = restarting
state-exited = exited
state-dead = dead
state-restarts = { $count ->
    [one] 1 restart
   *[other] { $count } restarts
}
health-starting = health not known yet
health-healthy = healthy
health-unhealthy = unhealthy

drift-not-recorded = This stack was not deployed by Backstay; the first `backstay deploy` records it
drift-missing = { $service } has fewer containers than the release
drift-extra = { $service } runs and is not part of the release
drift-record-elsewhere = Backstay has deployed this stack, with its state in { $place } (machine:folder); that is not here: `--state` with that folder shows it, the next `backstay deploy` records it anew
drift-orphan = { $container } has the name of this project and is no service of it
drift-orphan-of = { $container } has the name of this project and was made from { $folder }
drift-image = { $container } runs another image than the release
drift-definition = { $container } was made from another definition than the release's
drift-unwell = { $container } is not well: { $state }
drift-stopped = { $container } is stopped
drift-tag = { $reference } points to another image than the release's
drift-file = { $path } has been changed since: the next deployment uses it as it is now

ask-backup = Select the backup to roll back to (1-{ $count }):
ask-rollback-services = Roll back { $services } to { $release }? [y/N]
ask-leave-files-these = The release had these otherwise, and they can't be brought back:
ask-leave-files = Go back all the same, with these as they are now? [y/N]
ask-rollback = Roll back to { $release }? [y/N]
ask-remove = Remove { $folders }? [y/N]
not-a-choice = `{ $answer }` is not a number from 1 to { $count }
init-written = Wrote { $file }
init-nothing = The scripts are there already.
recover-nothing = No run was interrupted: nothing to recover.
