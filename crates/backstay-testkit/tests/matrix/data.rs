//! Data that goes with releases.

use std::time::Duration;

use backstay_core::engine::Status;
use backstay_core::event::Outcome;
use backstay_core::ops::deploy::DeployOptions;
use backstay_core::ops::rollback::RollbackOptions;
use backstay_core::stack::StackRef;
use backstay_testkit::fake::harness::{Act, Scenario};
use backstay_testkit::fake::{Behaviour, Ended, FakeStack, Machine, kept};

use super::gateway::{PORT, enable, with_file};
use super::stacks::{CHECK, deploy, explore, explore_and_repeat, options, rollback};

/// `web` depends on `db`, whose data this says, beside a volume with files that both mount.
pub(super) fn shop(version: &str, data: &str, files: &str) -> FakeStack {
    FakeStack::new("/srv/shop")
        .compose(&compose(data, files))
        .env("GREETING=hello\n")
        .context("web", version, Behaviour::Healthy)
        .registry("mysql:8", "8", Behaviour::Healthy)
}

/// Its compose file.
pub(super) fn compose(data: &str, files: &str) -> String {
    format!(
        "services:\n  db:\n    image: mysql:8\n    restart: always\n    volumes: [\"rows:/rows\", \"files:/f\"]\n    \
         x-backstay: {{data: {data}}}\n  \
         web:\n    build: ./web\n    restart: always\n    {CHECK}\n    depends_on: [db]\n    \
         volumes: [\"files:/f\"]\n\
         volumes: {{rows: , files: {{x-backstay: {{data: {files}}}}}}}\n"
    )
}

fn update(name: &str, data: &str, files: &str) -> Scenario {
    let scenario = Scenario::new(name).deployed(&shop("1", data, files));
    scenario.edited(&shop("2", data, files)).act(deploy())
}

/// The files of data in the newest backup, by name.
fn saved(machine: &Machine, stack: &StackRef) -> Vec<(String, String)> {
    let root = kept(stack).root().to_owned();
    machine.with(|world| {
        let nodes = world.disk.nodes.iter().filter(|(path, _)| path.starts_with(&root));
        let named = nodes.filter_map(|(path, _)| {
            let name = path.file_name()?.to_string_lossy().into_owned();
            let bytes = world.disk.read(path).ok()?;
            name.contains("_backup.").then(|| (name, String::from_utf8_lossy(&bytes).into_owned()))
        });
        named.collect()
    })
}

#[test]
fn a_dump_lies_in_the_backup() {
    let scenario = update("a dump", "{dump: mysql}", "null");
    let machine = scenario.machine();
    let done = deploy().perform(&machine.process(), scenario.reference());
    let Ended::Done(Ok(reports)) = done else { panic!("{done:?}") };
    assert_eq!(reports[0].outcome, Outcome::Deployed);
    let text = "rows of shop_rows\n-- Dump completed\n";
    let wanted = [("db_backup.sql".to_owned(), text.to_owned())];
    assert_eq!(saved(&machine, scenario.reference()), wanted);
    explore_and_repeat(&scenario);
}

#[test]
fn those_who_use_a_volume_stand_still_while_it_is_copied() {
    let copy = "{copy: {consistency: stop, compress: false}}";
    let scenario = update("a copy", "null", copy);
    let process = scenario.machine().process();
    let _ = deploy().perform(&process, scenario.reference());
    let calls: Vec<String> = process.points().into_iter().map(|point| point.name).collect();
    let at = |name: &str| calls.iter().position(|call| call == name).expect(name);
    let copied = calls.iter().position(|call| call.starts_with("engine.read_files")).unwrap();
    assert!(at("engine.stop shop-web-1") < at("engine.stop shop-db-1"), "{calls:?}");
    assert!(at("engine.stop shop-db-1") < copied && copied < at("engine.start shop-db-1"));
    assert!(at("engine.start shop-db-1") < at("engine.start shop-web-1"));
    explore_and_repeat(&scenario);
}

#[test]
fn they_are_paused_where_that_is_enough() {
    explore_and_repeat(&update("paused", "{dump: mysql}", "{copy: pause}"));
}

#[test]
fn nobody_is_touched_where_nothing_is_asked_for() {
    let scenario = update("live", "null", "{copy: none}");
    let process = scenario.machine().process();
    let _ = deploy().perform(&process, scenario.reference());
    let calls: Vec<String> = process.points().into_iter().map(|point| point.name).collect();
    let copied = calls.iter().position(|call| call.starts_with("engine.read_files")).unwrap();
    let touched = |call: &String| call.contains("engine.stop") || call.contains("engine.pause");
    assert!(!calls[..copied].iter().any(touched), "{calls:?}");
    explore_and_repeat(&scenario);
}

#[test]
fn a_rollback_saves_the_data_of_what_runs() {
    let scenario =
        Scenario::new("saved by a rollback").deployed(&shop("1", "{dump: mysql}", "null"));
    let scenario = scenario.edited(&shop("2", "{dump: mysql}", "null")).done(&deploy());
    let scenario = scenario.act(rollback());
    let machine = scenario.machine();
    let _ = rollback().perform(&machine.process(), scenario.reference());
    assert_eq!(saved(&machine, scenario.reference()).len(), 2);
    explore(&scenario);
}

#[test]
fn a_dump_that_is_not_whole_fails_the_run_with_nothing_changed() {
    for how in ["fail", "empty", "cut"] {
        let data = format!("{{dump: {{command: [save, {how}], end: '-- Dump completed'}}}}");
        let scenario = Scenario::new(how).deployed(&shop("1", "null", "null"));
        let scenario = scenario.edited(&shop("2", &data, "{copy: stop}")).act(deploy()).fails();
        let machine = scenario.machine();
        let done = deploy().perform(&machine.process(), scenario.reference());
        let Ended::Done(Ok(reports)) = done else { panic!("{how}: {done:?}") };
        assert_eq!(reports[0].outcome, Outcome::RolledBack, "{how}");
        assert_eq!(saved(&machine, scenario.reference()), [], "{how}");
        explore_and_repeat(&scenario);
    }
}

#[test]
fn without_data_nothing_is_saved_and_nobody_asked() {
    let scenario = update("left out", "{dump: {command: [save, fail]}}", "{copy: stop}");
    let act = Act::Deploy(DeployOptions { data: false, ..options() });
    let machine = scenario.machine();
    let done = act.perform(&machine.process(), scenario.reference());
    let Ended::Done(Ok(reports)) = done else { panic!("{done:?}") };
    assert_eq!(reports[0].outcome, Outcome::Deployed);
    assert_eq!(saved(&machine, scenario.reference()), []);
}

/// What is in a volume.
pub(super) fn rows(machine: &Machine, volume: &str) -> String {
    machine.with(|world| world.engine.volumes[volume].data.clone())
}

fn with_data() -> Act {
    let options = RollbackOptions { with_data: true, ..RollbackOptions::default() };
    Act::Rollback(RollbackOptions { monitor: Some(Duration::from_millis(200)), ..options })
}

/// `v1` ran with its rows, `v2` runs with others.
pub(super) fn two_versions(name: &str, data: &str, files: &str) -> Scenario {
    let scenario = Scenario::new(name).deployed(&shop("1", data, files));
    let scenario = scenario.edited(&shop("2", data, files)).done(&deploy());
    scenario.changed(|machine| {
        machine.with(|world| {
            for volume in world.engine.volumes.values_mut() {
                "rows of v2".clone_into(&mut volume.data);
            }
        });
    })
}

#[test]
fn a_rollback_brings_the_data_back_and_can_itself_be_taken_back() {
    let scenario = two_versions("with data", "{dump: mysql}", "{copy: stop}");
    let machine = scenario.machine();
    let stack = scenario.reference();
    let newest = |machine: &Machine| {
        let folder = kept(stack).backups();
        machine.with(|world| {
            let names = world.disk.nodes.keys().filter_map(|path| {
                path.strip_prefix(&folder).ok()?.iter().next()?.to_str().map(str::to_owned)
            });
            names.filter(|name| name.starts_with("2024")).max().unwrap()
        })
    };
    for wanted in ["rows of shop_", "rows of v2"] {
        // The way forward again is the backup that the rollback made.
        let target = Some(newest(&machine));
        let monitor = Some(Duration::from_millis(200));
        let options =
            RollbackOptions { with_data: true, target, monitor, ..RollbackOptions::default() };
        let done = Act::Rollback(options).perform(&machine.process(), stack);
        let Ended::Done(Ok(reports)) = done else { panic!("{done:?}") };
        assert_eq!(reports[0].outcome, Outcome::Deployed, "{reports:?}");
        for volume in ["shop_rows", "shop_files"] {
            assert!(rows(&machine, volume).starts_with(wanted), "{}", rows(&machine, volume));
        }
        machine.with(|world| {
            assert!(world.engine.volumes.values().all(|volume| volume.aside.is_empty()));
            let runs = |service: &str| {
                let mut all = world.engine.containers.values();
                all.any(|c| c.service == service && c.life.status == Status::Running)
            };
            assert!(runs("web") && runs("db"));
        });
    }
}

#[test]
fn a_rollback_with_data_ends_with_all_of_one_or_all_of_the_other() {
    explore(&two_versions("a dump comes back", "{dump: mysql}", "null").act(with_data()));
    explore(&two_versions("files come back", "null", "{copy: stop}").act(with_data()));
}

#[test]
fn a_release_without_data_is_refused_before_anything_is_touched() {
    let scenario = two_versions("none", "null", "null");
    let machine = scenario.machine();
    let before = machine.snapshot().engine.containers;
    let done = with_data().perform(&machine.process(), scenario.reference());
    let Ended::Done(Err(error)) = done else { panic!("{done:?}") };
    assert!(error.to_string().contains("no data was saved with it"), "{error}");
    assert_eq!(machine.snapshot().engine.containers, before);
}

/// A release that migrates when it starts, and behaves so.
fn migrating(behaviour: Behaviour, data: &str, files: &str) -> FakeStack {
    shop("2", data, files).context("web", "2 migrates", behaviour)
}

#[test]
fn what_a_failed_release_has_migrated_comes_back() {
    let (dump, copy) = ("{dump: mysql, on_failure: restore}", "{copy: stop, on_failure: restore}");
    for behaviour in [Behaviour::ExitAtStart(1), Behaviour::NeverHealthy] {
        let name = format!("migrates and {behaviour}");
        let scenario = Scenario::new(&name).deployed(&shop("1", dump, copy));
        let scenario = scenario.edited(&migrating(behaviour, dump, copy)).act(deploy()).fails();
        let machine = scenario.machine();
        let process = machine.process();
        let done = deploy().perform(&process, scenario.reference());
        let Ended::Done(Ok(reports)) = done else { panic!("{done:?}") };
        assert_eq!(reports[0].outcome, Outcome::RolledBack, "{reports:?}");
        assert_eq!(rows(&machine, "shop_rows"), "rows of shop_rows");
        assert_eq!(rows(&machine, "shop_files"), "rows of shop_files");
        explore_and_repeat(&scenario);
    }
}

#[test]
fn a_release_that_migrates_and_is_well_runs_with_what_it_made() {
    let dump = "{dump: mysql, on_failure: restore}";
    let scenario = Scenario::new("migrates well").deployed(&shop("1", dump, "null"));
    let scenario = scenario.edited(&migrating(Behaviour::Healthy, dump, "null")).act(deploy());
    let machine = scenario.machine();
    let done = deploy().perform(&machine.process(), scenario.reference());
    let Ended::Done(Ok(reports)) = done else { panic!("{done:?}") };
    assert_eq!(reports[0].outcome, Outcome::Deployed, "{reports:?}");
    assert_eq!(rows(&machine, "shop_rows"), "rows of shop_rows, migrated");
    // What was there before lies in the backup, made when nobody wrote any more.
    let text = "rows of shop_rows\n-- Dump completed\n";
    let wanted = [("db_backup.sql".to_owned(), text.to_owned())];
    assert_eq!(saved(&machine, scenario.reference()), wanted);
}

#[test]
fn writers_that_stay_stand_still_and_go_on() {
    let dump = "{dump: mysql, on_failure: restore}";
    let stack = |version: &str| {
        let stack = shop(version, dump, "null");
        let text = format!(
            "services:\n  db: {{image: \"mysql:8\", restart: always, volumes: [\"rows:/rows\"], x-backstay: {{data: {dump}}}}}\n  \
             web: {{build: ./web, restart: always, {CHECK}, depends_on: [db]}}\n  \
             worker: {{build: ./worker, restart: always, {CHECK}, depends_on: [db]}}\n\
             volumes: {{rows: }}\n"
        );
        stack.compose(&text).context("worker", "1", Behaviour::Healthy)
    };
    let scenario = Scenario::new("a writer that stays").deployed(&stack("1"));
    explore_and_repeat(&scenario.edited(&stack("2")).act(deploy()));
}

/// `web` writes the data of `db`, and has a host port.
fn writing(version: &str, behaviour: Behaviour) -> FakeStack {
    let text = format!(
        "services:\n  db: {{image: \"mysql:8\", restart: always, volumes: [\"rows:/rows\"], \
         x-backstay: {{data: {{dump: mysql, on_failure: restore}}}}}}\n  \
         web:\n    build: ./web\n    restart: always\n    {CHECK}\n    {PORT}\n    depends_on: [db]\n\
         volumes: {{rows: }}\n"
    );
    shop(version, "null", "null").compose(&text).context("web", version, behaviour)
}

/// That behind a gateway.
fn behind(name: &str) -> Scenario {
    let first = Scenario::new(name).deployed(&writing("1", Behaviour::Healthy)).done(&enable());
    first.edited(&with_file(writing("1", Behaviour::Healthy))).done(&deploy())
}

#[test]
fn whoever_comes_waits_while_writers_stand_still() {
    let good = behind("held for data").edited(&with_file(writing("2", Behaviour::Healthy)));
    let process = good.machine().process();
    let _ = deploy().perform(&process, good.reference());
    let calls: Vec<String> = process.points().into_iter().map(|point| point.name).collect();
    let all = |name: &str| {
        let found = calls.iter().enumerate().filter(|(_, call)| call.contains(name));
        found.map(|(index, _)| index).collect::<Vec<_>>()
    };
    let (held, stopped, dumped) = (all("hold web"), all("stop shop-web-1"), all("read_from"));
    assert!(held[0] < stopped[0] && stopped[0] < dumped[0], "{calls:?}");
    // Only when the release is on record.
    let (opened, removed) = (all("open web"), all("engine.remove "));
    let started = all("engine.start shop-web-1");
    assert_eq!(opened.len(), 1, "{calls:?}");
    assert!(started.last() < opened.first() && opened[0] < *removed.last().unwrap(), "{calls:?}");
    explore(&good.act(deploy()));
    let bad = with_file(writing("2 migrates", Behaviour::ExitAtStart(1)));
    explore(&behind("held, and in vain").edited(&bad).act(deploy()).fails());
}

const ENCRYPTED: &str =
    "{dump: mysql, on_failure: restore, encrypt: {command: [turn], decrypt: [turn]}}";

#[test]
fn what_is_encrypted_is_saved_and_comes_back() {
    let scenario = update("encrypted", ENCRYPTED, "null");
    let machine = scenario.machine();
    let _ = deploy().perform(&machine.process(), scenario.reference());
    let found = saved(&machine, scenario.reference());
    assert_eq!(found[0].0, "db_backup.sql.enc");
    assert!(!found[0].1.contains("rows of"), "{found:?}");
    explore_and_repeat(&scenario);

    let copy = "{copy: stop, on_failure: restore, encrypt: {command: [turn], decrypt: [turn]}}";
    let fails = migrating(Behaviour::NeverHealthy, ENCRYPTED, copy);
    let scenario = Scenario::new("encrypted, and it fails").deployed(&shop("1", ENCRYPTED, copy));
    let scenario = scenario.edited(&fails).act(deploy()).fails();
    let machine = scenario.machine();
    let _ = deploy().perform(&machine.process(), scenario.reference());
    assert_eq!(rows(&machine, "shop_rows"), "rows of shop_rows");
    explore(&scenario);
    explore(&two_versions("what was encrypted", ENCRYPTED, "null").act(with_data()));
}

#[test]
fn what_can_not_be_encrypted_fails_the_run_with_nothing_changed() {
    let data = "{dump: mysql, encrypt: [turn, fail]}";
    let scenario = Scenario::new("no key").deployed(&shop("1", "null", "null"));
    let scenario = scenario.edited(&shop("2", data, "null")).act(deploy()).fails();
    let machine = scenario.machine();
    let done = deploy().perform(&machine.process(), scenario.reference());
    let Ended::Done(Ok(reports)) = done else { panic!("{done:?}") };
    assert_eq!(reports[0].outcome, Outcome::RolledBack);
    assert_eq!(saved(&machine, scenario.reference()), []);
    explore(&scenario);
}

#[test]
fn what_can_not_be_decrypted_is_refused_before_anything_is_touched() {
    for (encrypt, says) in [
        ("[turn]", "encrypt.decrypt"),
        ("{command: [turn], decrypt: [turn, fail]}", "`turn` ended with exit code 3: no key"),
    ] {
        let data = format!("{{dump: mysql, encrypt: {encrypt}}}");
        let scenario = two_versions("no way to decrypt", &data, "null");
        let machine = scenario.machine();
        let before = machine.snapshot().engine.containers;
        let done = with_data().perform(&machine.process(), scenario.reference());
        let Ended::Done(Err(error)) = done else { panic!("{done:?}") };
        assert!(error.to_string().contains(says), "{error}");
        assert_eq!(machine.snapshot().engine.containers, before);
    }
}

#[test]
fn a_writer_that_was_not_there_waits_no_longer_than_the_others() {
    let first = Scenario::new("a writer comes").deployed(&writing("1", Behaviour::Healthy));
    let scenario = first.changed(|machine| {
        machine.with(|world| world.engine.containers.retain(|_, found| found.service != "web"));
    });
    let process = scenario.machine().process();
    let _ = enable().perform(&process, scenario.reference());
    let calls: Vec<String> = process.points().into_iter().map(|point| point.name).collect();
    let last = |name: &str| calls.iter().rposition(|call| call.contains(name));
    let (held, opened) = (last("hold web"), last("open web"));
    assert!(held.is_some() && held < opened, "{calls:?}");
    explore(&scenario.act(enable()));
}

#[test]
fn a_writer_of_which_one_is_missing_stands_still_and_waits_no_longer() {
    let twice = |version: &str| {
        let stack = writing(version, Behaviour::Healthy);
        let text = format!(
            "services:\n  db: {{image: \"mysql:8\", restart: always, volumes: [\"rows:/rows\"], \
             x-backstay: {{data: {{dump: mysql, on_failure: restore}}}}}}\n  \
             web:\n    build: ./web\n    restart: always\n    {CHECK}\n    {PORT}\n    depends_on: [db]\n    \
             deploy: {{replicas: 2}}\n    x-backstay: {{gateway: true}}\nvolumes: {{rows: }}\n"
        );
        stack.compose(&text)
    };
    let scenario = Scenario::new("one is missing").deployed(&twice("1"));
    let scenario = scenario.edited(&with_file(twice("1"))).changed(|machine| {
        machine.with(|world| {
            let web = world.of_service("shop", "web");
            world.engine.containers.remove(&web[0]);
        });
    });
    let process = scenario.machine().process();
    let _ = deploy().perform(&process, scenario.reference());
    let calls: Vec<String> = process.points().into_iter().map(|point| point.name).collect();
    let calls: Vec<&String> = calls.iter().filter(|call| call.starts_with("engine.")).collect();
    let last = |name: &str| calls.iter().rposition(|call| call.contains(name));
    let first = |name: &str| calls.iter().position(|call| call.contains(name));
    let (stopped, dumped) = (first("stop shop-web"), first("read_from"));
    assert!(last("hold web") < last("open web"), "{calls:?}");
    assert!(stopped.is_some() && stopped < dumped, "{calls:?}");
    explore(&scenario.act(deploy()));
}
