//! A folder on a file system with reflinks: whoever uses it stands still for a clone of it, and not for its archive.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use super::image::unpacked;
use crate::faults::engine::Engine;
use crate::harness::{Stack, is_thorough, page, port, web};

/// A disk with such a file system. What is on it goes with it.
struct Disk(tempfile::TempDir);

impl Disk {
    /// `None` where none can be made, or mounted.
    fn new(mib: u64) -> Option<Self> {
        let root = unpacked()?;
        // Made where the program that makes the file system sees it.
        let temporary = root.join("tmp");
        fs::create_dir_all(&temporary).unwrap();
        let image = tempfile::Builder::new().prefix("backstay-d-").tempfile_in(&temporary).unwrap();
        image.as_file().set_len(mib << 20).unwrap();
        let inside = Path::new("/tmp").join(image.path().file_name().unwrap());
        let mut make = Command::new("chroot");
        make.arg(root).args(["/usr/sbin/mkfs.btrfs", "-f", "-q"]).arg(inside);
        let folder = tempfile::Builder::new().prefix("backstay-m-").tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-o", "loop"]).arg(image.path()).arg(folder.path());
        for mut command in [make, mount] {
            if !command.output().is_ok_and(|output| output.status.success()) {
                eprintln!("not run: no btrfs can be mounted here");
                return None;
            }
        }
        // The image's name goes; the file stays for as long as it is mounted.
        Some(Self(folder))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).output();
    }
}

/// Rights, owner, group, and how many names it has; and its content, or what it leads to.
type Known = ((u32, u32, u32, u64), Vec<u8>);

/// What is in a folder.
fn picture(folder: &Path) -> BTreeMap<PathBuf, Known> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let data = fs::symlink_metadata(&path).unwrap();
            let content = match data.file_type() {
                kind if kind.is_dir() => {
                    folders.push(path.clone());
                    Vec::new()
                }
                kind if kind.is_symlink() => {
                    fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes()
                }
                _ => fs::read(&path).unwrap(),
            };
            let links = if data.is_dir() { 0 } else { data.nlink() };
            found.insert(path, ((data.mode(), data.uid(), data.gid(), links), content));
        }
    }
    found
}

fn fill(folder: &Path, mib: usize) {
    fs::create_dir_all(folder.join("below")).unwrap();
    let mut file = File::create(folder.join("below/large")).unwrap();
    let mut state = 88_172_645_463_325_252_u64;
    let mut noise = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let part: Vec<u8> = std::iter::repeat_with(&mut noise).take(1 << 17).flatten().collect();
    (0..mib).for_each(|_| file.write_all(&part).unwrap());
    fs::hard_link(folder.join("below/large"), folder.join("again")).unwrap();
    symlink("/etc/passwd", folder.join("link")).unwrap();
    // What is not on the disk yet has to go there first, however it is copied.
    file.sync_all().unwrap();
    fs::write(folder.join("mine"), "rows").unwrap();
    chown(folder.join("mine"), Some(70), Some(71)).unwrap();
}

/// When the service's container was started, and for how long it had stood still, in seconds.
fn stood_still(stack: &Stack) -> (f64, f64) {
    let format = "{{.State.StartedAt}} {{.State.FinishedAt}}";
    let line = stack.lines(&["inspect", "--format", format, &stack.id("app")]).remove(0);
    let times: Vec<f64> = line
        .split(' ')
        .map(|time| {
            let mut date = Command::new("date");
            let output = date.args(["-d", time, "+%s.%N"]).output().unwrap();
            String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
        })
        .collect();
    (times[0], times[0] - times[1])
}

fn newest_file(stack: &Stack) -> PathBuf {
    let backups = fs::read_dir(stack.path().join(".backup")).unwrap();
    let mut files: Vec<PathBuf> = backups
        .flat_map(|entry| fs::read_dir(entry.unwrap().path()).into_iter().flatten())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with("_backup.tar.zst"))
        .collect();
    files.sort_by_key(|path| fs::metadata(path).unwrap().modified().unwrap());
    files.pop().expect("a file of data")
}

#[test]
fn a_clone_is_all_that_is_waited_for() {
    let mib = if is_thorough() { 1024 } else { 48 };
    let Some(stack) = Stack::new("srv-reflink") else { return };
    let Some(disk) = Disk::new(5 * mib as u64 + 300) else { return };
    let stack = stack.within(disk.0.path());
    let rows = stack.path().join("rows");
    fill(&rows, mib);
    let port = deployed(&stack, "./rows", "");
    nobody_waits_for_more(&stack, &rows, port, mib);
}

/// An engine that has all of it on such a disk.
#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_clone_of_a_volume_is_all_that_is_waited_for() {
    let mib = if is_thorough() { 1024 } else { 48 };
    let Some(stack) = Stack::new("srv-refvol") else { return };
    let Some(disk) = Disk::new(5 * mib as u64 + 600) else { return };
    let Some(lease) = Engine::start_in(disk.0.path()) else { return };
    let stack = stack.on(&lease.engine().host(), &Engine::subnet()).within(disk.0.path());
    let port = deployed(&stack, "rows", "volumes: {rows: }\n");
    let volume = format!("{}_rows", stack.project);
    let folder = stack.lines(&["volume", "inspect", "--format", "{{.Mountpoint}}", &volume]);
    let rows = PathBuf::from(&folder[0]);
    assert!(rows.starts_with(disk.0.path()), "{}", rows.display());
    fill(&rows, mib);
    nobody_waits_for_more(&stack, &rows, port, mib);
}

/// A service that has its data here. Returns its port.
fn deployed(stack: &Stack, source: &str, volumes: &str) -> u16 {
    let port = port();
    let data =
        format!("    volumes: [\"{source}:/rows\"]\n    x-backstay: {{data: {{copy: stop}}}}\n");
    stack.mode("app", "ok").compose_file(&(web("app", port) + &data + volumes));
    stack.backstay(&["deploy", "--yes"]).ends(0);
    port
}

fn nobody_waits_for_more(stack: &Stack, rows: &Path, port: u16, mib: usize) {
    let before = picture(rows);

    stack.backstay(&["data", "save"]).ends(0);
    let file = newest_file(stack);
    let done = fs::metadata(&file).unwrap().modified().unwrap();
    let done = done.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs_f64();
    let (started, still) = stood_still(stack);
    println!(
        "{mib} MiB: stood still for {still:.2} s, the archive was done {:.2} s later",
        done - started
    );
    assert!(started < done, "it stood still until the archive was made");
    assert_eq!(page(port, "/version").as_deref(), Some("1"));
    let folder = file.parent().unwrap();
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(names.into_iter().all(|name| !name.to_string_lossy().starts_with(".clone")));
    stack.backstay(&["backups", "verify"]).ends(0);

    // It brings back what was there.
    fs::write(rows.join("mine"), "other rows").unwrap();
    fs::remove_file(rows.join("again")).unwrap();
    fs::write(rows.join("more"), "more").unwrap();
    let saved = folder.file_name().unwrap().to_str().unwrap();
    stack.backstay(&["data", "restore", "--yes", saved]).ends(0);
    assert_eq!(picture(rows), before);
    killed_with_a_clone(stack);
    assert_eq!(picture(rows), before);
}

/// The folders of clones that are there.
fn clones(stack: &Stack) -> Vec<PathBuf> {
    let backups = fs::read_dir(stack.path().join(".backup")).unwrap();
    let folders =
        backups.flat_map(|entry| fs::read_dir(entry.unwrap().path()).into_iter().flatten());
    let paths = folders.flatten().map(|entry| entry.path());
    paths.filter(|path| path.to_string_lossy().contains(".clone-")).collect()
}

/// What is left of one is gone with the next run, and whoever stood still runs.
fn killed_with_a_clone(stack: &Stack) {
    let mut command = stack.command(&["data", "save"]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut run = command.spawn().unwrap();
    while clones(stack).is_empty() {
        assert!(run.try_wait().unwrap().is_none(), "no clone was made");
        std::thread::sleep(Duration::from_millis(1));
    }
    run.kill().unwrap();
    run.wait().unwrap();
    stack.backstay(&["recover"]).ends(0);
    assert_eq!(clones(stack), Vec::<PathBuf>::new());
    assert_eq!(stack.ids("app").len(), 1);
}
