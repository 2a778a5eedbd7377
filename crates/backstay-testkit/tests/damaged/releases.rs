//! Backups.

use super::claims::each;
use super::ground::{Ground, deploy, rollback};
use super::harm::Harm;

/// What nothing but `verify` reads: files that were replaced are kept for people.
fn is_for_people(place: &str) -> bool {
    place.starts_with("replaced")
}

#[test]
fn a_damaged_backup_is_named_and_refused_and_the_others_come_back() {
    let ground = Ground::at_rest();
    let backups = ground.backups();
    assert!(backups.len() >= 4, "{backups:?}");
    let mut kinds = 0;
    for (folder, _) in backups {
        let root = ground.layout.backup(folder);
        let paths = ground.below(&root);
        kinds += paths.iter().filter(|path| path.starts_with(root.join("replaced"))).count();
        // A backup that is gone as a whole is one that was removed.
        each(&ground, &paths, |case| {
            if case.path == root && case.harm == Harm::Removed {
                return;
            }
            case.is_found_alone();
            let place = case.path.strip_prefix(&root).unwrap().display().to_string();
            if is_for_people(&place) {
                case.goes_through(&rollback(Some(folder)));
            } else {
                case.refuses(&rollback(Some(folder)));
            }
            // The manifest is what all runs read of every backup; of the other files one kind of harm says it.
            let is_read = case.path == root || case.path == root.join("release.json");
            if is_read {
                let said = case.is_shown();
                assert!(said.is_empty(), "{said:?}");
                case.others_come_back(folder);
                case.goes_through_as_ever(&deploy());
            }
        });
    }
    assert!(kinds > 0, "nothing was replaced");
}
