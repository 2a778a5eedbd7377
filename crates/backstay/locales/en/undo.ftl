# The undoing of a run.

undo-begins-deploy = Deployment failed, rolling back...
undo-begins-update = Update failed, rolling back...
undo-begins-rollback = Rollback failed, going back to what ran before...
undo-reason = Reason: { $reason }
undo-part = Rollback { $number }/{ $of }
undo-files = Restoring configuration files
undo-containers = Cleaning up failed containers
undo-services = Restoring the old services
undo-running = rolling back
undo-file-restored = Restored { $path }
undo-file-unchanged = { $path } is as it was (this run did not change it)
undo-created = Cleaned up the failed containers
undo-created-nothing = No container was created, so there is none to clean up
undo-tags = Image tags point to what they pointed to before
undo-services-restored = Restored the old services
undo-services-untouched = The old services were not touched
undo-services-none = There were no services before this run
undo-failed = Could not be undone: { $step }: { $error }
undo-resumed = Undoing the interrupted run...
undo-failed-unknown = Could not be undone: step { $number }: { $error }
undo-backup = Removed this run's backup .backup/{ $folder }: it would only say again what runs
