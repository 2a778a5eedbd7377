//! Data alone: it is saved and comes back, and the release that runs stays.

use backstay_core::event::Outcome;
use backstay_core::ops::data;
use backstay_core::stack::StackRef;
use backstay_testkit::fake::harness::{Act, Scenario};
use backstay_testkit::fake::{Ended, FakeStack, Machine};

use super::data::{compose, rows, shop, two_versions};
use super::stacks::{deploy, explore, rollback};

/// Data alone comes back, from this backup.
fn data_of(backup: &str) -> Act {
    Act::RestoreData(backup.to_owned())
}

#[test]
fn data_is_saved_at_any_time_and_comes_back_under_the_same_release() {
    let scenario = two_versions("alone", "{dump: mysql}", "{copy: stop}");
    let (machine, stack) = (scenario.machine(), scenario.reference());
    let containers = |machine: &Machine| -> Vec<String> {
        machine.with(|world| world.engine.containers.keys().cloned().collect())
    };
    let before = containers(&machine);
    let done = |act: &Act| performs(&machine, stack, act);
    let kept = done(&Act::SaveData);
    machine.with(|world| {
        for volume in world.engine.volumes.values_mut() {
            "rows of later".clone_into(&mut volume.data);
        }
    });
    let later = done(&data_of(&kept));
    assert_eq!((rows(&machine, "shop_rows"), rows(&machine, "shop_files")), {
        ("rows of v2".to_owned(), "rows of v2".to_owned())
    });
    done(&data_of(&later));
    assert_eq!(rows(&machine, "shop_rows"), "rows of later");
    assert_eq!(rows(&machine, "shop_files"), "rows of later");
    assert_eq!(containers(&machine), before);
}

#[test]
fn saving_data_alone_changes_nothing_whatever_fails() {
    for files in ["{copy: stop}", "{copy: pause}", "{copy: none}"] {
        explore(&two_versions("saved alone", "{dump: mysql}", files).act(Act::SaveData));
    }
}

#[test]
fn data_alone_comes_back_as_a_whole_or_not_at_all() {
    let dump = two_versions("a dump alone", "{dump: mysql}", "null");
    explore(&dump.act(data_of("1")));
    explore(&two_versions("files alone", "null", "{copy: stop}").act(data_of("1")));
}

/// Performs it, and it is done.
#[track_caller]
fn performs(machine: &Machine, stack: &StackRef, act: &Act) -> String {
    let done = act.perform(&machine.process(), stack);
    let Ended::Done(Ok(reports)) = done else { panic!("{done:?}") };
    assert_eq!(reports[0].outcome, Outcome::Deployed, "{reports:?}");
    reports[0].run.clone()
}

/// The backups that have data, newest first, each with its release.
fn held(machine: &Machine, stack: &StackRef) -> Vec<(String, String)> {
    let process = machine.process();
    let found = process.clone().run(async { data::list(&process.context(), stack).await });
    let Ended::Done(Ok(all)) = found else { panic!("{found:?}") };
    all.into_iter().map(|held| (held.folder, held.release.unwrap())).collect()
}

/// The stack keeps so many.
fn keeping(version: &str, number: u32, set: &str) -> FakeStack {
    let text = compose(&format!("{{dump: mysql{set}}}"), "null");
    shop(version, "null", "null")
        .compose(&format!("x-backstay: {{retention: {{keep_last: {number}}}}}\n{text}"))
}

#[test]
fn saved_data_counts_for_itself_and_pushes_no_release_out() {
    let scenario = Scenario::new("kept").deployed(&keeping("1", 2, ""));
    let scenario = scenario.edited(&keeping("2", 2, "")).done(&deploy());
    let scenario = scenario.edited(&keeping("3", 2, "")).done(&deploy());
    let (machine, stack) = (scenario.machine(), scenario.reference());
    let old = held(&machine, stack);
    let releases: Vec<&str> = old.iter().map(|(_, release)| release.as_str()).collect();
    assert_eq!(releases, ["r2", "r1"]);
    let saved: Vec<String> = (0..3).map(|_| performs(&machine, stack, &Act::SaveData)).collect();
    let r3 = |at: usize| (saved[at].clone(), "r3".to_owned());
    assert_eq!(held(&machine, stack), [vec![r3(2), r3(1)], old].concat());
    // The way back is to the release before, whatever was saved since.
    performs(&machine, stack, &rollback());
    assert_eq!(rows(&machine, "shop_rows"), "rows of shop_rows");
    let Ended::Done(Ok(all)) = Act::SaveData.perform(&machine.process(), stack) else { panic!() };
    assert_eq!(all[0].release.as_deref(), Some("r2"));
}

#[test]
fn a_backup_that_was_there_for_its_data_goes_with_it() {
    let scenario = Scenario::new("gone").deployed(&keeping("1", 9, ", keep_last: 2"));
    let scenario = scenario.edited(&keeping("2", 9, ", keep_last: 2")).done(&deploy());
    let (machine, stack) = (scenario.machine(), scenario.reference());
    let saved: Vec<String> = (0..4).map(|_| performs(&machine, stack, &Act::SaveData)).collect();
    let folders: Vec<String> = held(&machine, stack).into_iter().map(|(name, _)| name).collect();
    assert_eq!(folders, [saved[3].clone(), saved[2].clone()]);
    let root = backstay_testkit::fake::kept(stack).backups();
    let is_there =
        |name: &str| machine.with(|world| world.disk.nodes.contains_key(&root.join(name)));
    assert!(is_there(&saved[3]) && is_there(&saved[2]));
    assert!(!is_there(&saved[1]) && !is_there(&saved[0]));
}

#[test]
fn what_has_just_been_declared_is_saved_before_it_is_deployed() {
    let scenario = Scenario::new("declared").deployed(&shop("1", "null", "null"));
    let machine = scenario.machine();
    let refused = Act::SaveData.perform(&machine.process(), scenario.reference());
    let Ended::Done(Err(error)) = refused else { panic!("{refused:?}") };
    assert_eq!(error.to_string(), "no data is declared");
    let scenario = scenario.edited(&shop("1", "{dump: mysql}", "null"));
    let (machine, stack) = (scenario.machine(), scenario.reference());
    let saved = performs(&machine, stack, &Act::SaveData);
    assert_eq!(held(&machine, stack), [(saved.clone(), "r1".to_owned())]);
    machine.with(|world| {
        for volume in world.engine.volumes.values_mut() {
            "rows of later".clone_into(&mut volume.data);
        }
    });
    performs(&machine, stack, &data_of(&saved));
    assert_eq!(rows(&machine, "shop_rows"), "rows of shop_rows");
}

#[test]
fn nothing_is_saved_of_a_stack_that_does_not_run() {
    let scenario = Scenario::new("never").edited(&shop("1", "{dump: mysql}", "null"));
    let machine = scenario.machine();
    let refused = Act::SaveData.perform(&machine.process(), scenario.reference());
    let Ended::Done(Err(error)) = refused else { panic!("{refused:?}") };
    assert_eq!(error.to_string(), "nothing runs that has the data which is declared");
}
