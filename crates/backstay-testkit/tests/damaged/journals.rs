//! Journals of runs that are over, and the lock.

use backstay_core::Error;

use super::claims::each;
use super::ground::{Ground, deploy, rollback};
use super::harm::Harm;

/// Why a journal that was cut short keeps no run from beginning: what is left is what a crash leaves, and going on from there
/// changes nothing.
fn goes_on(text: &str) -> Option<&'static str> {
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    if !whole.contains("step-started") {
        Some("no step has begun")
    } else if whole.contains("\"type\":\"committed\"") {
        Some("behind the commit all that is left is cleaning up, and can be repeated")
    } else {
        None
    }
}

#[test]
fn a_damaged_journal_is_named_with_its_line() {
    let ground = Ground::at_rest();
    let journals = ground.layout.journals();
    let paths = ground.below(&journals);
    assert!(paths.len() > 5, "{paths:?}");
    each(&ground, &paths, |case| {
        if case.harm == Harm::Removed {
            // A run that is over can do without its journal.
            case.goes_through_as_ever(&rollback(None));
            return;
        }
        case.is_found_alone();
        if case.path == journals {
            case.refuses(&deploy());
            return;
        }
        let said = case.is_shown();
        let cut = matches!(case.harm, Harm::Emptied | Harm::Halved | Harm::Shortened)
            .then(|| case.text());
        // Without the line's end the last record is as if it had been cut short.
        let cut = cut.or_else(|| (case.harm == Harm::Flipped(999)).then(|| case.text()));
        if cut.as_deref().and_then(goes_on).is_some() {
            case.goes_through_as_ever(&rollback(None));
            return;
        }
        if !said.iter().any(|line| line.contains(&case.path.display().to_string())) {
            case.finds(format!("`status` does not name it: {said:?}"));
        }
        for act in [deploy(), rollback(None), rollback(Some("r1"))] {
            let error = case.refuses(&act);
            let is_file =
                matches!(case.harm, Harm::Folder) || format!("{:?}", case.harm).contains("Link");
            match error {
                Some(Error::Journal { line, .. }) if line > 0 => {}
                Some(Error::TooNew { .. }) if case.harm == Harm::Newer => {}
                Some(Error::Damaged { .. }) if is_file => {}
                other => case.finds(format!("no line is named: {other:?}")),
            }
        }
        let path = case.path.to_owned();
        let problems = {
            let mut moved = case.moved_away(&path);
            moved.goes_through_as_ever(&rollback(Some("r1")));
            moved.problems
        };
        case.problems.extend(problems);
    });
}

#[test]
fn what_stands_in_the_lock_does_not_matter_and_what_it_is_does() {
    let ground = Ground::at_rest();
    each(&ground, &[ground.layout.lock()], |case| match case.harm {
        // What the operating system says of a folder or a link is tried on a real disk.
        Harm::Folder | Harm::LinkToCopy | Harm::LinkToNothing | Harm::LinkToItself => {
            case.is_found_alone();
        }
        _ => {
            assert_eq!(case.verified(), [""; 0]);
            case.goes_through_as_ever(&rollback(None));
        }
    });
}
