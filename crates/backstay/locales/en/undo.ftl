# The undoing of a run.

undo-begins-deploy = Deployment failed, rolling back...
undo-begins-update = Update failed, rolling back...
undo-begins-rollback = Rollback failed, going back to what ran before...
undo-reason = Reason: { $reason }
undo-part = Rollback { $number }/{ $of }
undo-files = Restoring configuration files
undo-containers = Cleaning up failed containers
undo-services = Restoring the old services
undo-update-images = Restoring service images
undo-update-services = Restarting services
undo-image-untouched = Restored the image of { $service } (this run had not changed it)
undo-service-untouched = Restored { $service } (its old container was never stopped)
undo-running = rolling back
undo-file-restored = Restored { $path }
undo-file-unchanged = Restored { $path } (this run had not changed it)
undo-created = Cleaned up the failed containers
undo-created-nothing = Cleaned up the failed containers (none had been created)
undo-tags = Image tags point to what they pointed to before
undo-services-restored = Restored the old services
undo-services-untouched = Restored the old services (they ran all the time)
undo-services-none = There were no services before this run
undo-failed = Could not be undone: { $step }: { $error }
undo-resumed = Undoing the interrupted run...
undo-failed-unknown = Could not be undone: step { $number }: { $error }
undo-backup = Removed this run's backup .backup/{ $folder }: it would only say again what runs
