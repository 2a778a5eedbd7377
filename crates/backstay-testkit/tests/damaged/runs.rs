//! What an interrupted run needs for its undo, or for its end.

use backstay_core::event::Outcome;
use backstay_testkit::fake::harness::Act;

use super::claims::{Case, each};
use super::ground::{Ground, deploy};
use super::harm::Harm;

/// The folder of the run that is open, and its journal.
fn open_run(ground: &Ground) -> (std::path::PathBuf, std::path::PathBuf) {
    let journals = ground.layout.journals();
    let folders = ground.below(&journals).into_iter();
    let folders = folders.filter(|path| path.parent() == Some(&journals));
    let mut open = folders.filter(|path| ground.world.disk.is_dir(path));
    let work = open.next().unwrap();
    assert_eq!(open.next(), None);
    let journal = work.with_extension("jsonl");
    (work, journal)
}

/// A torn end is what a crash leaves: which records it had is not known. One that loses whole records in the middle of a run
/// can't be told from that either.
fn is_torn(case: &Case<'_>) -> bool {
    matches!(case.harm, Harm::Halved | Harm::Shortened | Harm::Flipped(999))
        && case.path.extension().is_some_and(|end| end == "jsonl")
}

#[test]
fn what_an_undo_needs_is_named_where_it_is_damaged() {
    let ground = Ground::killed_at("engine.start");
    let (work, journal) = open_run(&ground);
    let mut paths = ground.below(&work);
    assert!(paths.iter().any(|path| path.ends_with("saved/0")), "{paths:?}");
    paths.push(journal.clone());
    each(&ground, &paths, |case| {
        if is_torn(case) {
            case.recovers(Outcome::RolledBack);
            return;
        }
        case.is_found();
        case.is_shown();
        let is_saved = case.path.starts_with(work.join("saved"));
        if is_saved {
            // All else is undone, so that the stack serves; the file has to come from a person.
            let text = case.recovers(Outcome::Stuck);
            let name = case.path.display().to_string();
            if !text.contains(&name) {
                case.finds(format!("its name is not on record: {text}"));
            }
            case.is_mended_by_hand();
        } else {
            case.refuses(&Act::Recover);
            case.refuses(&deploy());
        }
    });
}

#[test]
fn what_a_commit_needs_is_named_where_it_is_damaged() {
    let ground = Ground::killed_at("engine.remove ");
    let (work, journal) = open_run(&ground);
    let release = work.join("release");
    let mut paths = ground.below(&release);
    assert!(paths.len() > 5, "{paths:?}");
    paths.push(journal.clone());
    each(&ground, &paths, |case| {
        if is_torn(case) {
            return;
        }
        case.is_found();
        case.is_shown();
        let needed = [release.join("release.json"), release.join("model.yml"), journal.clone()];
        let is_gone = case.path == release && case.harm == Harm::Removed;
        if needed.iter().any(|path| path == case.path) || case.path == release && !is_gone {
            case.refuses(&Act::Recover);
            case.refuses(&deploy());
        }
    });
}
