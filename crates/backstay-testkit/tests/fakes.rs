//! The fakes keep their own promises: time, disk, faults.

#![allow(clippy::unwrap_used)] // helpers of tests are tests too

use backstay_core::ports::Containers;
use std::cell::RefCell;
use std::io::Write;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use backstay_core::engine::Status;
use backstay_core::lock::{Holder, Locks};
use backstay_core::ports::{Clock, Store};
use backstay_testkit::fake::{Behaviour, Content, Ended, FakeStack, Fault, Kind, Machine};

const SECOND: Duration = Duration::from_secs(1);

/// Polls both to their end, in turns.
async fn both<A: Future<Output = ()>, B: Future<Output = ()>>(one: A, other: B) {
    let (mut one, mut other) = (Box::pin(one), Box::pin(other));
    let (mut done, mut finished) = (false, false);
    std::future::poll_fn(|context| {
        done = done || one.as_mut().poll(context).is_ready();
        finished = finished || other.as_mut().poll(context).is_ready();
        if done && finished { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}

#[test]
fn the_earliest_sleeper_wakes_first() {
    let machine = Machine::new();
    let process = machine.process();
    let seen = Rc::new(RefCell::new(Vec::new()));
    let naps = |name: &'static str, length: u64, count: usize| {
        let (clock, seen) = (process.clock(), Rc::clone(&seen));
        async move {
            for _ in 0..count {
                clock.sleep(SECOND * u32::try_from(length).unwrap()).await;
                seen.borrow_mut().push(format!("{name} {}", clock.elapsed().as_secs()));
            }
        }
    };
    process.run(both(naps("slow", 3, 2), naps("fast", 2, 3)));
    let seen = seen.borrow();
    assert_eq!(seen.len(), 5);
    assert_eq!(seen[..3], ["fast 2", "slow 3", "fast 4"]);
    let mut last = seen[3..].to_vec();
    last.sort();
    assert_eq!(last, ["fast 6", "slow 6"]);
}

#[test]
fn a_sleep_that_nobody_polls_holds_nobody_up() {
    let machine = Machine::new();
    let process = machine.process();
    let clock = process.clock();
    process.run(async {
        let mut tick = Box::pin(clock.sleep(SECOND));
        std::future::poll_fn(|context| {
            let _ = tick.as_mut().poll(context);
            std::task::Poll::Ready(())
        })
        .await;
        clock.sleep(5 * SECOND).await;
        tick.await;
        assert_eq!(clock.elapsed(), 5 * SECOND);
    });
}

#[test]
fn a_killed_process_has_no_effect_any_more_and_its_destructors_do_no_harm() {
    let machine = Machine::new();
    machine.with(|world| world.disk.create_dir(Path::new("/s"), 0o755, SECOND)).unwrap();
    for kind in Kind::CRASHES {
        let before = machine.snapshot();
        let process = machine.process().with_fault(Fault { at: 1, kind });
        let store = process.store();
        let path = Path::new("/s/journal");
        let ended = process.run(async {
            let mut staged = store.stage(Path::new("/s")).unwrap();
            staged.write_all(b"12").unwrap();
            store.append(path, b"0123456789").unwrap();
            store.append(path, b"never").unwrap();
        });
        assert_eq!(ended, Ended::Crashed);
        assert!(store.remove_file(path).is_err(), "the dead have no effect");
        let found = machine.with(|world| world.disk.text(path));
        let expected = match kind {
            Kind::CrashBefore => None,
            Kind::CrashMidway => Some("01234"),
            _ => Some("0123456789"),
        };
        assert_eq!(found.as_deref(), expected);
        let names = machine.with(|world| world.disk.list(Path::new("/s"))).unwrap();
        assert_eq!(names.iter().filter(|name| name.ends_with(".tmp")).count(), 1, "{names:?}");
        machine.with(|world| *world = before);
    }
}

#[test]
fn an_error_can_come_with_or_without_the_effect() {
    let machine = Machine::new();
    let path = Path::new("/file");
    for (kind, expected) in [
        (Kind::ErrorBefore, None),
        (Kind::ErrorMidway, Some("on")),
        (Kind::ErrorAfter, Some("one.")),
    ] {
        let process = machine.process().with_fault(Fault { at: 0, kind });
        let store = process.store();
        process.run(async { store.append(path, b"one.").unwrap_err() }).done().unwrap();
        assert_eq!(machine.with(|world| world.disk.text(path)).as_deref(), expected);
        store.remove_file(path).unwrap();
        let names: Vec<String> = process.points().into_iter().map(|point| point.name).collect();
        assert_eq!(names, ["store.append /file", "store.remove_file /file"]);
    }
}

#[test]
fn a_write_is_whole_or_not_there() {
    let machine = Machine::new();
    let path = Path::new("/file");
    machine.process().store().write(path, b"old", 0o640).unwrap();
    for kind in Kind::SINGLE {
        let world = machine.snapshot();
        let process = machine.process().with_fault(Fault { at: 0, kind });
        process.run(async { process.store().write(path, b"new", 0o600).is_ok() });
        let found = machine.with(|world| world.disk.text(path)).unwrap();
        let written = matches!(kind, Kind::ErrorAfter | Kind::CrashAfter);
        assert_eq!(found, if written { "new" } else { "old" }, "{kind:?}");
        machine.with(|now| *now = world);
    }
}

#[test]
fn a_full_disk_refuses_and_keeps_what_it_has() {
    let machine = Machine::new();
    machine.with(|world| world.disk.capacity = Some(6));
    let store = machine.process().store();
    store.write(Path::new("/a"), b"1234", 0o600).unwrap();
    let error = store.write(Path::new("/b"), b"567", 0o600).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
    assert_eq!(store.available(Path::new("/")).unwrap(), 2);
    assert_eq!(store.list(Path::new("/")).unwrap(), ["a"]);
}

#[test]
fn directories_move_whole_and_go_whole() {
    let machine = Machine::new();
    let store = machine.process().store();
    store.create_dir(Path::new("/a/b")).unwrap();
    store.write(Path::new("/a/b/c"), b"x", 0o600).unwrap();
    store.rename(Path::new("/a"), Path::new("/z")).unwrap();
    assert_eq!(store.read(Path::new("/z/b/c")).unwrap(), b"x");
    assert!(store.metadata(Path::new("/a")).unwrap().is_none());
    assert!(store.write(Path::new("/a/c"), b"x", 0o600).is_err(), "it has no folder");
    store.remove_dir(Path::new("/z")).unwrap();
    assert!(store.list(Path::new("/")).unwrap().is_empty());
}

#[test]
fn the_lock_goes_with_its_process() {
    let machine = Machine::new();
    let holder = |pid| Holder { pid, host: "h".into(), command: "c".into(), since: "now".into() };
    let path = Path::new("/lock");
    let first = machine.process().with_fault(Fault { at: 1, kind: Kind::CrashBefore });
    let (locks, second) = (first.locks(), machine.process().locks());
    let held = locks.acquire(path, &holder(1)).unwrap();
    assert!(
        second
            .acquire(path, &holder(2))
            .is_err_and(|error| error.to_string().contains("process 1"))
    );
    let killed = first.run(async { first.store().append(Path::new("/x"), b"x") });
    assert!(matches!(killed, Ended::Crashed));
    drop(second.acquire(path, &holder(2)).unwrap());
    drop(held);
}

fn one_container(behaviour: Behaviour, service: &str) -> (Machine, String) {
    let machine = Machine::new();
    let stack = FakeStack::new("/srv/shop")
        .compose(&format!("services:\n  web:\n    image: web:1\n{service}"));
    stack.write(&machine);
    machine.with(|world| {
        let content = Content { name: "web".into(), version: "1".into(), behaviour };
        let id = world.engine.add_image(content);
        world.engine.tag(&id, "web:1").unwrap();
    });
    let process = machine.process();
    let engine = process.engine();
    let created = process
        .run(backstay_testkit::conformance::create(&engine, &stack.reference(), "shop", "web", 1))
        .done()
        .unwrap();
    (machine, created[0].id.clone())
}

#[test]
fn containers_live_with_the_clock() {
    let (machine, id) = one_container(
        Behaviour::SlowHealthy(3 * SECOND),
        "    healthcheck: {test: [CMD, x], interval: 1s, retries: 2, start_period: 5s}\n",
    );
    let process = machine.process();
    let (engine, clock) = (process.engine(), process.clock());
    process.run(async {
        engine.start(&id).await.unwrap();
        let mut healths = Vec::new();
        for _ in 0..4 {
            let state = engine.container(&id).await.unwrap().unwrap().state;
            healths.push(format!("{:?}", state.health.unwrap()));
            clock.sleep(SECOND).await;
        }
        assert_eq!(healths, ["Starting", "Starting", "Starting", "Healthy"]);
    });
}

#[test]
fn a_crash_is_answered_by_the_restart_policy() {
    let (machine, id) = one_container(Behaviour::CrashAfter(SECOND), "    restart: always\n");
    let process = machine.process();
    let (engine, clock) = (process.engine(), process.clock());
    process.run(async {
        engine.start(&id).await.unwrap();
        clock.sleep(SECOND + SECOND / 20).await;
        let state = engine.container(&id).await.unwrap().unwrap().state;
        assert_eq!((state.status, state.restarts, state.exit_code), (Status::Restarting, 1, 1));
        clock.sleep(SECOND / 2).await;
        let state = engine.container(&id).await.unwrap().unwrap().state;
        assert_eq!((state.status, state.restarts), (Status::Running, 1));
        engine.stop(&id).await.unwrap();
        clock.sleep(60 * SECOND).await;
        let state = engine.container(&id).await.unwrap().unwrap().state;
        assert_eq!((state.status, state.restarts), (Status::Exited, 1));
    });
}

#[test]
fn one_that_ignores_the_signal_takes_its_grace_period() {
    let (machine, id) = one_container(Behaviour::IgnoresTerm, "    stop_grace_period: 7s\n");
    let process = machine.process();
    let engine = process.engine();
    process.run(async {
        engine.start(&id).await.unwrap();
        engine.stop(&id).await.unwrap();
        let state = engine.container(&id).await.unwrap().unwrap().state;
        assert_eq!((state.status, state.exit_code), (Status::Exited, 137));
        assert_eq!(process.clock().elapsed(), 7 * SECOND);
    });
}
