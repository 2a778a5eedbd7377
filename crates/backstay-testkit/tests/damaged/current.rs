//! The record of what runs.

use backstay_core::Error;

use super::claims::each;
use super::ground::{Ground, deploy, rollback};
use super::harm::Harm;

#[test]
fn a_damaged_record_of_what_runs_is_named_and_every_backup_comes_back() {
    let ground = Ground::at_rest();
    let root = ground.layout.current();
    let backups = ground.backups();
    each(&ground, &ground.below(&root), |case| {
        if case.path == root && case.harm == Harm::Removed {
            // It was moved away, which is a way out: what runs is recorded anew.
            case.goes_through_as_ever(&deploy());
            return;
        }
        case.is_found_alone();
        let said = case.is_shown();
        if !said.iter().any(|line| line.contains(&case.path.display().to_string())) {
            case.finds(format!("`status` does not name it: {said:?}"));
        }
        case.refuses(&deploy());
        let is_manifest = case.path == root || case.path == root.join("release.json");
        if is_manifest {
            // Which release came before is not known.
            case.refuses(&rollback(None));
        }
        if is_manifest && case.harm == Harm::Newer {
            let error = case.refuses(&rollback(Some(&backups[0].0)));
            assert!(matches!(error, Some(Error::TooNew { .. })), "{error:?}");
            return;
        }
        let some = if is_manifest { backups.len() } else { 1 };
        for (folder, _) in &backups[..some] {
            let machine = case.goes_through(&rollback(Some(folder)));
            let left = machine.with(|world| world.disk.clone());
            if left.metadata(case.path).is_some_and(|found| found.mode == 0o777) {
                case.finds("a link is still there");
            }
        }
        // Once it has been moved away, all is as ever.
        let problems = {
            let mut moved = case.moved_away(&root);
            moved.goes_through_as_ever(&deploy());
            moved.problems
        };
        case.problems.extend(problems);
    });
}

#[test]
fn after_the_way_back_nothing_is_damaged_any_more() {
    let ground = Ground::at_rest();
    let root = ground.layout.current();
    let target = ground.backups().last().unwrap().0.clone();
    each(&ground, &[root.join("release.json"), root.join("model.yml")], |case| {
        if case.harm == Harm::Newer {
            return;
        }
        let machine = case.goes_through(&rollback(Some(&target)));
        let after = Ground::of(machine.snapshot(), ground.stack.clone(), ground.layout.clone());
        assert_eq!(after.backups().len(), ground.backups().len() + 1, "what ran is kept");
        let lock = [after.layout.lock()];
        each(&after, &lock, |case| {
            if case.harm == Harm::Emptied {
                assert_eq!(case.verified(), [""; 0]);
            }
        });
    });
}
