# Hooks of a run.

step-hook = run hook { $hook } { $place }
hook-on-host = on the host
hook-inside = in { $service }
hook-beside = in a container of { $service } of its own
plan-afterwards = When the run has ended:
plan-afterwards-undone = { $step } (where it was undone, or for a rollback)
done-hook = Hook { $hook } has run

note-no-hooks = Hooks are not run (--no-hooks): { $hooks }
note-hook-left-out = Hook { $hook } is left out: nothing of { $service } runs yet
note-hook-runs = Running hook { $hook } ...
note-hook-failed = Hook { $hook } failed, which changes nothing: { $why }
note-hook-undone = Hook { $hook } taken back
note-hook-stays = The hook { $hook } has run and can't be taken back: it has no `undo`

failed-hook = A hook failed
hook-off = no container of { $service } runs
hook-exit = it ended with exit code { $code }
hook-exit-unknown = it ended without an exit code
hook-late = it was not done after { $seconds } s, and was ended (`timeout`)
