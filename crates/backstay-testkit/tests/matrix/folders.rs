//! States in which the backups lie beside the journals, as older programs left them.

use std::collections::BTreeSet;
use std::path::Path;

use backstay_core::event::Outcome;
use backstay_core::stack::StackRef;
use backstay_testkit::fake::harness::{Act, Scenario};
use backstay_testkit::fake::{Ended, Fault, Kind, Machine, kept};

use super::stacks::{good, one_in, rollback};

/// The folders right in this one that hold a release, but for the record of what runs.
fn backups(machine: &Machine, folder: &Path) -> BTreeSet<String> {
    machine.with(|world| {
        let files = world.disk.nodes.keys().filter(|path| path.ends_with("release.json"));
        let folders = files.filter_map(|path| path.parent());
        let mine = folders.filter(|path| path.parent() == Some(folder));
        let names = mine.filter_map(|path| path.file_name()?.to_str());
        names.filter(|name| *name != "current").map(str::to_owned).collect()
    })
}

/// As an older program has it.
fn as_before(machine: &Machine, stack: &StackRef) {
    let layout = kept(stack);
    let names = backups(machine, &layout.backups());
    machine.with(|world| {
        let now = world.now;
        for name in &names {
            let from = layout.backup(name);
            world.disk.rename(&from, &layout.root().join(name)).unwrap();
        }
        world.disk.remove_empty_dir(&layout.backups()).unwrap();
        world.disk.remove_file(&layout.entrance()).unwrap();
        world.disk.link(&layout.entrance(), layout.root(), now).unwrap();
    });
    assert_eq!(backups(machine, layout.root()), names);
}

fn scenario() -> (Scenario, StackRef) {
    let scenario = Scenario::new("older folders").deployed(&good("1", &[]));
    let scenario = scenario.deployed(&good("2", &[])).deployed(&good("3", &[]));
    let scenario = scenario.act(rollback());
    let stack = scenario.reference().clone();
    let older = stack.clone();
    (scenario.changed(move |machine| as_before(machine, &older)), stack)
}

#[test]
fn a_run_takes_them_over_and_finds_its_release() {
    let (scenario, stack) = scenario();
    let machine = scenario.machine();
    let layout = kept(&stack);
    let old = backups(&machine, layout.root());
    assert_eq!(old.len(), 2);
    let ended = rollback().perform(&machine.process(), &stack);
    let Ended::Done(Ok(reports)) = ended else { panic!("{ended:?}") };
    assert_eq!(reports[0].outcome, Outcome::Deployed);
    assert_eq!(reports[0].release.as_deref(), Some("r2"));
    assert!(backups(&machine, &layout.backups()).is_superset(&old));
    assert!(backups(&machine, layout.root()).is_empty());
    let target = machine.with(|world| world.disk.link_target(&layout.entrance()).unwrap());
    assert_eq!(target, layout.backups());
}

#[test]
fn a_crash_while_they_are_taken_over_loses_none() {
    let (scenario, stack) = scenario();
    let layout = kept(&stack);
    let points = scenario.explore().points.len();
    for at in (0..points).step_by(one_in(4)) {
        for kind in [Kind::CrashBefore, Kind::CrashAfter] {
            let machine = scenario.machine();
            let old = backups(&machine, layout.root());
            let process = machine.process().with_fault(Fault { at, kind });
            let _ = rollback().perform(&process, &stack);
            let ended = Act::Recover.perform(&machine.process(), &stack);
            assert!(matches!(ended, Ended::Done(Ok(_))), "{at} {kind:?}: {ended:?}");
            let now = backups(&machine, &layout.backups());
            assert!(now.is_superset(&old), "{at} {kind:?}: {now:?}, of {old:?}");
            assert!(backups(&machine, layout.root()).is_empty(), "{at} {kind:?}");
        }
    }
}
