//! Every call of the store under a loss of power at each of its operations: atomic while it runs, durable when it has
//! returned.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use backstay_core::ports::Store;
use backstay_testkit::fake::{Fault, Kept, Kind, Machine, NodeKind, Point, Process, World};

/// What is on the disk, but for temporary files: content and permission bits by path.
type View = BTreeMap<PathBuf, (NodeKind, u32)>;

struct Call {
    what: &'static str,
    act: fn(&dyn Store) -> io::Result<()>,
    /// Whether something between before and after is fine while the call runs.
    between: fn(&View, &View, &View) -> bool,
}

fn never(_: &View, _: &View, _: &View) -> bool {
    false
}

/// A part of the bytes: what was there, and the beginning of what was added.
fn prefix(before: &View, now: &View, after: &View) -> bool {
    let empty: std::sync::Arc<[u8]> = std::sync::Arc::from([].as_slice());
    let bytes = |view: &View, path: &PathBuf| match view.get(path) {
        Some((NodeKind::File(bytes), _)) => bytes.clone(),
        _ => empty.clone(),
    };
    now.keys().eq(after.keys())
        && now.keys().all(|path| {
            let (old, is, new) = (bytes(before, path), bytes(now, path), bytes(after, path));
            new.starts_with(&is) && is.starts_with(&old)
        })
}

/// A part of the entries, each of them whole.
fn some_entries(before: &View, now: &View, after: &View) -> bool {
    let (more, less) = if before.len() > after.len() { (before, after) } else { (after, before) };
    now.iter().all(|(path, node)| more.get(path) == Some(node))
        && less.keys().all(|path| now.contains_key(path))
}

/// All of it, with the new folder still closed to others: an undo removes it.
fn a_private_folder(_: &View, now: &View, after: &View) -> bool {
    let mut open = now.clone();
    if let Some((_, mode)) = open.get_mut(Path::new("/s/data")) {
        *mode = 0o755;
    }
    open == *after
}

const CALLS: &[Call] = &[
    Call {
        what: "a new file",
        act: |store| store.write(Path::new("/s/new"), b"fresh", 0o640),
        between: never,
    },
    Call {
        what: "a file in the place of another",
        act: |store| store.write(Path::new("/s/a"), b"another one", 0o644),
        between: never,
    },
    Call {
        what: "a staged file",
        act: |store| {
            let mut staged = store.stage(Path::new("/s"))?;
            staged.write_all(b"one ")?;
            staged.write_all(b"two")?;
            staged.publish(Path::new("/s/a"))
        },
        between: never,
    },
    Call {
        what: "append to a file",
        act: |store| store.append(Path::new("/s/a"), b", and more\n"),
        between: prefix,
    },
    Call {
        what: "append to no file",
        act: |store| store.append(Path::new("/s/journal"), b"first line\n"),
        between: prefix,
    },
    Call { what: "cut a file", act: |store| store.truncate(Path::new("/s/a"), 3), between: never },
    Call {
        what: "folders",
        act: |store| store.create_dir(Path::new("/s/x/y/z")),
        between: some_entries,
    },
    Call {
        what: "a folder for somebody",
        act: |store| store.make_dir(Path::new("/s/data"), 0o755, None).map(drop),
        between: a_private_folder,
    },
    Call {
        what: "an empty folder goes away",
        act: |store| store.remove_empty_dir(Path::new("/s/empty")),
        between: never,
    },
    Call {
        what: "a file gets another name",
        act: |store| store.rename(Path::new("/s/a"), Path::new("/s/b")),
        between: never,
    },
    Call {
        what: "a file goes to another folder",
        act: |store| store.rename(Path::new("/s/a"), Path::new("/s/full/a")),
        between: never,
    },
    Call {
        what: "a folder gets another name",
        act: |store| store.rename(Path::new("/s/full"), Path::new("/s/else")),
        between: never,
    },
    Call {
        what: "a folder goes to another folder",
        act: |store| store.rename(Path::new("/s/full"), Path::new("/s/empty/full")),
        between: never,
    },
    Call {
        what: "a file goes away",
        act: |store| store.remove_file(Path::new("/s/a")),
        between: never,
    },
    Call {
        what: "a folder goes away",
        act: |store| store.remove_dir(Path::new("/s/full")),
        between: some_entries,
    },
];

fn machine() -> Machine {
    let machine = Machine::new();
    machine.with(|world| {
        let now = world.now;
        for folder in ["/s/full/inner", "/s/empty"] {
            world.disk.create_dir(Path::new(folder), 0o700, now).unwrap();
        }
        for file in ["/s/a", "/s/full/1", "/s/full/inner/2"] {
            world.disk.put(Path::new(file), b"old content", 0o600, now).unwrap();
        }
        world.lay_platter();
    });
    machine
}

fn view(world: &World) -> View {
    let nodes = world.disk.nodes.iter();
    let lasting = nodes.filter(|(path, _)| path.extension().is_none_or(|end| end != "tmp"));
    lasting.map(|(path, node)| (path.clone(), (node.kind.clone(), node.mode))).collect()
}

fn perform(process: &Process, call: &Call) -> Option<io::Result<()>> {
    let store = process.working_store();
    process.run(async { (call.act)(&*store) }).done()
}

#[test]
fn a_call_that_has_returned_survives_a_loss_of_power() {
    for call in CALLS {
        let machine = machine();
        perform(&machine.process(), call).unwrap().unwrap();
        let after = view(&machine.snapshot());
        for kept in Kept::ALL {
            let mut world = machine.snapshot();
            world.lose_power(kept);
            assert_eq!(view(&world), after, "{}, {kept:?}", call.what);
            let temporary = world.disk.nodes.len() - after.len();
            assert_eq!(temporary, 0, "{}, {kept:?}: a temporary file is left", call.what);
        }
    }
}

#[test]
fn a_call_that_is_cut_short_is_done_or_not() {
    for call in CALLS {
        let whole = machine();
        let before = view(&whole.snapshot());
        let process = whole.process();
        perform(&process, call).unwrap().unwrap();
        let after = view(&whole.snapshot());
        assert_ne!(before, after, "{}", call.what);
        let points = process.points();
        for (at, Point { name: point, .. }) in points.iter().enumerate() {
            for kept in Kept::ALL {
                let machine = machine();
                let fault = Fault { at, kind: Kind::CrashBefore };
                assert!(perform(&machine.process().with_fault(fault), call).is_none());
                machine.with(|world| world.lose_power(kept));
                let now = view(&machine.snapshot());
                let fine = now == before || now == after || (call.between)(&before, &now, &after);
                assert!(fine, "{}: power lost before {point}, {kept:?} kept: {now:?}", call.what);
            }
        }
    }
}

/// The disk itself forgets: without fsync nothing is certain.
#[test]
fn what_is_not_synced_can_be_lost() {
    use backstay_core::store::FileSystem;
    use backstay_testkit::fake::PlatterFiles;

    let machine = machine();
    let process = machine.process();
    let files = PlatterFiles::of(&process);
    let name = Path::new("/s/new");
    let mut file = files.create_new(name).unwrap();
    file.write_all(b"12345678").unwrap();
    let left = |kept| {
        let mut world = machine.snapshot();
        world.lose_power(kept);
        world.disk.text(name)
    };
    assert_eq!(left(Kept::Nothing), None);
    assert_eq!(left(Kept::Names), Some(String::new()));
    assert_eq!(left(Kept::Half), Some("1234".to_owned()));
    assert_eq!(left(Kept::Everything), Some("12345678".to_owned()));
    files.sync_file(&file).unwrap();
    assert_eq!(left(Kept::Nothing), None);
    assert_eq!(left(Kept::Names), Some("12345678".to_owned()));
    files.sync_dir(Path::new("/s")).unwrap();
    assert_eq!(left(Kept::Nothing), Some("12345678".to_owned()));
}
