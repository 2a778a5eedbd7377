# Data that goes with a release.

note-data-saved = Data of { $data } saved: { $file } ({ $size }, { $took } s)
note-no-data = Data is not saved (--no-data): { $data }
note-data-absent = Data of { $data }: nothing is there yet that has any
data-saving = { $data }: saving data, { $size } so far
step-save-data = save data: { $data }

failed-data-save = Data could not be saved
failed-data-restore = Data could not be brought back
data-off = the container of { $service } does not run, so that its data can't be dumped; start it, or leave the data out with `--no-data`
data-exit = the command ended with exit code { $code }
data-exit-unknown = the command ended without an exit code
data-empty = the command wrote nothing
data-cut = the end of the output is missing: it is not whole
data-late = it was not done after { $seconds } s (`x-backstay.data.timeout`)
data-encrypt = `{ $program }`, which encrypts it (`encrypt.command`), ended with exit code { $code }
data-encrypt-unknown = `{ $program }`, which encrypts it (`encrypt.command`), could not be run to its end
data-decrypt = `{ $program }`, which decrypts it (`encrypt.decrypt`), ended with exit code { $code }
data-decrypt-unknown = `{ $program }`, which decrypts it (`encrypt.decrypt`), could not be run to its end
data-no-decrypt = it is encrypted, and no command is given that decrypts it (`encrypt.decrypt`)
data-no-command = no command is given for it (`restore`)

data-none = No data is saved yet: `x-backstay.data` says what is to be
data-available = Saved data:

note-data-restored = Data of { $data } brought back: as it was at { $at }
note-data-stays = Data of { $data } stays as it is: the new release had begun to write. How it was before lies in .backup/{ $folder }
step-restore-data = bring data back: { $data }
step-guard = from here on a failure brings data back: { $data }
step-open = from here on the new release writes: { $data }
step-resume = start { $services } again
why-stands-still = because it stands still while data that it writes is saved and changed
ask-rollback-data = This brings back data of { $at }; what was written since then is not in it. What there is now is saved first, so that this can be taken back. Go on?

doctor-data = The data of service { $service } ({ $server }) is not saved with releases: a rollback leaves it as it is
doctor-hint-data = To save it with each release, at service { $service }: { $block } — docs/data.md

end-data-saved = Data saved!
end-data-restored = Data brought back!
undo-begins-data-save = Saving data failed, going back to how it was...
undo-begins-data-restore = Bringing data back failed, going back to how it was...
ask-data-restore = This brings back data of { $at } ({ $folder }), under the release that runs; what was written since then is not in it. What there is now is saved first, so that this can be taken back. Go on?

data-verify-begins = Restoring data beside the stack, in containers and volumes of their own ...
data-verify-passed = The data of { $folder } can be restored. Services that had it and were ready: { $services }; all is taken away again
data-verify-failed = The data of { $folder } could not be restored: { $why }
