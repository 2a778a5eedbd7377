//! A journal whose disk refuses in the middle of a record.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use backstay_core::event::{Event, RunKind};
use backstay_core::journal::{Journal, load};
use backstay_testkit::fake::{Fault, Kind, Machine};

fn started() -> Event {
    Event::RunStarted {
        run: "r".into(),
        kind: RunKind::Deploy,
        project: "p".into(),
        directory: None,
        pid: 1,
        target: None,
        previous: None,
    }
}

/// A record is torn, and cutting it off fails too; then the disk is well again.
#[test]
fn no_record_comes_behind_a_torn_one() {
    let machine = Machine::new();
    machine.with(|world| world.disk.create_dir(Path::new("/j"), 0o700, world.now)).unwrap();
    let torn = Fault { at: 1, kind: Kind::ErrorMidway };
    let uncut = Fault { at: 2, kind: Kind::ErrorBefore };
    let process = machine.process().with_fault(torn).with_fault(uncut);
    let path = PathBuf::from("/j/run.jsonl");
    let mut journal = Journal::create(path.clone(), Arc::new(process.store()));
    let mut add = |event| journal.append("2026-01-01T00:00:00Z".to_owned(), event);
    add(started()).unwrap();
    add(Event::StepFinished { index: 7 }).unwrap_err();
    let names: Vec<String> = process.points().into_iter().map(|point| point.name).collect();
    assert!(names[2].starts_with("store.truncate"), "{names:?}");
    add(Event::StepFinished { index: 8 }).unwrap();
    assert!(!journal.is_uncertain());
    let (records, _) = load(&path, &machine.process().store()).unwrap();
    let last = &records.last().unwrap().event;
    assert_eq!((records.len(), last), (2, &Event::StepFinished { index: 8 }));
}
