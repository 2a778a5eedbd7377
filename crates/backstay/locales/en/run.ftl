# A run on the screen: its parts, what services do, remarks, the last word.

phase-check = Checking the Docker environment
phase-backup = Creating a backup
phase-environment = Configuring environment variables
phase-certificate = Configuring the TLS certificate
phase-data-directories = Creating data directories
phase-plan = Making the plan
phase-images = Building Docker images
phase-services = Starting services
phase-restore-files = Restoring configuration files
phase-check-images = Checking images
phase-update = Updating services
phase-restore-images = Restoring images
phase-verify = Verifying

services-waiting = Waiting for services to start...
files-unchanged = The files are the release's already
services-started = Services started
service-rehearsing = { $service }: starting beside the running one
service-waiting = { $service }: waiting until it is ready ({ $ready }/{ $of })
service-switching = { $service }: switching over
service-removing = { $service }: being removed
service-completed = { $service } ran to its end
service-looked-again = { $service } has looked up again where { $of } is
service-restarted = { $service } is restarted: { $of } was replaced
service-live = { $service } is live
services-live = { $count ->
    [one] { $names } is live
   *[other] { $count } services are live: { $names }
}
service-restored = Restored { $service }

note-engine-ready = { $engine }, Compose { $compose }
note-first-deployment = Nothing runs yet: there is nothing to back up
note-backup-made = Backed up to { $folder }
note-passed-over = { $folder } can't be read and is passed over: going back to { $taken }
note-no-backup = No backup is kept (--no-backup): there will be nothing to go back to by hand after this run
note-adopted = This stack was not started by Backstay: what its containers run was recorded
note-record-damaged = The record of what runs is damaged, and what runs was recorded anew: { $problem }
note-adopted-differs = { $service } does not run what the files say; it was recorded as it runs
note-up-to-date = Everything is up to date: nothing has to change
note-recovered-forward = The interrupted run { $run } has been brought to its end
note-recovered-back = The interrupted run { $run } has been undone
note-recovered-stuck = The interrupted run { $run } could not be undone in full
note-skipped = Skipped ({ $flag })
note-no-certificate = No certificate is configured
note-file-outside = { $path } belongs to this machine and differs from the release; it is left as it is
note-folder-not-kept = { $path } is not what it was in the release and stays as it is: services can write it, so it is data
note-folder-too-large = { $path }, which { $service } mounts read-only, has changed and is not kept: it has more in it than small files, and no rollback brings it back
git-differs = Tracked files now differ from what is checked out: { $files }
git-differs-hint = the next `git pull` that changes them will refuse: run `git checkout -- { $files }` before it
note-record-elsewhere = Backstay has deployed this stack before, with its state in { $place }; that is not here: what its containers run was recorded anew
note-orphan = { $container } has the name of this project and is no service of it; it is left alone (`--remove-orphans` removes it)
note-orphan-of = { $container } has the name of this project and was made from { $folder }; it is left alone (`--remove-orphans` removes it)
note-state-moved = Moved { $from } to { $to }; `.backup` is a link to the backups in it now
note-file-changed-since = { $path } has been changed by somebody else since; it is left as it is
note-file-restored = Restored { $path }
note-image-not-kept = The backup has no image of { $service }: the one that { $reference } points to now is used
note-nothing-to-pull = Nothing to pull for { $service }: it names no image, or its pull_policy forbids it. The image that is there is used
note-failure-tolerated = Some containers of { $service } fail; the model allows that (max_failure_ratio or failure_action)
note-check-out-of-reach = The health check `{ $check }` of { $service } is left out: { $reason }
note-not-serving = { $service } runs again and does not serve yet:
note-not-waited = { $service } runs again; whether it serves was not waited for
note-ports-silent = { $service } does not listen on { $ports }: no longer waited for
note-port-mended = port { $port } of the host did not lead to { $service } any more; its container was started anew, and now it does
note-half-made = { $service } was in its first start: what it has begun to write stays in { $places }, and may be half of it. If it does not start any more, look there; where nothing in it is needed, remove it (a volume: `docker volume rm`)
note-only-ran = Only seen to run, for want of a healthcheck or a port to ask: { $services }. One that is not ready yet, or ends later, is not noticed; a healthcheck tells
note-image-not-saved = Image { $image } could not be copied to the vault: { $reason }. Going back to its release works only as long as Docker has it
note-image-loaded = Loaded image { $image } from the backup
note-images-present = All images are present
note-storing = { $count ->
    [one] Storing 1 image in the vault...
   *[other] Storing { $count } images in the vault...
}
note-image-waits = Image { $image } is not in the vault yet: { $reason }. Docker keeps it until the next run or `backstay recover` has stored it
note-pruned-for-size = Removed the old backup { $release }: the vault may have { $limit }
note-pruned = Removed the old backup { $release }
note-not-as-before = What runs is not what ran before:
note-cleanup-failed = Not cleaned up: { $message }

done-build = Built { $services }
done-pull = Pulled { $services }
done-rehearse = The new containers have passed; what runs was not touched
done-bake = Stable while being watched
done-remove = Removed { $services }
done-start = Started { $services }

end-deployed = Deployment complete!
end-updated = Update complete!
end-rolled-back = Rollback complete!
end-undone = Rollback finished
end-stuck = Rollback not finished: a person is needed
end-as-before = { $count ->
    [one] Verified: the one service runs as it did before
   *[other] Verified: all { $count } services run as they did before
}
end-nothing-as-before = Verified: nothing ran before, and nothing runs
end-verified = { $count ->
    [one] Verified: one service is as it should be ({ $seconds } s)
   *[other] Verified: all { $count } services are as they should be ({ $seconds } s)
}
end-verified-others = { $count ->
    [one] Verified: one service is as it should be ({ $seconds } s)
   *[other] Verified: { $count } services are as they should be ({ $seconds } s)
}
end-unwell = Not touched, and not well before either: { $containers }
end-unwell-again = As it was before, and not well then either: { $containers }
unwell-of = { $service } ({ $state })
unwell-code = exit code { $code }
end-verified-nothing = Verified: nothing runs ({ $seconds } s)
