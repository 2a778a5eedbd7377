//! The folder of an engine that runs beside the machine's: its socket, its data, its settings.

use crate::failure::{Failure, Result};
use crate::shell;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// On a disk, and short: the path of a socket must not be long.
const PLACE: &str = "/var/tmp";
const PREFIX: &str = "backstay-engine-";
const LIMIT: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub(super) struct Home {
    folder: PathBuf,
}

impl Home {
    /// An empty one. What an earlier process had to leave is removed on this occasion.
    pub(super) fn new(name: &str) -> Result<Self> {
        sweep();
        let folder = Path::new(PLACE).join(format!("{PREFIX}{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(Failure::on(&folder))?;
        Ok(Self { folder })
    }

    pub(super) fn root(&self) -> &Path {
        &self.folder
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// `name` as a folder.
    pub(super) fn folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.path(name);
        fs::create_dir_all(&folder).map_err(Failure::on(&folder))?;
        Ok(folder)
    }

    pub(super) fn socket(&self) -> String {
        format!("unix://{}", self.path("sock").display())
    }

    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        clear(&self.folder);
    }
}

/// Removes a folder with all that is mounted in it.
fn clear(folder: &Path) {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let mounted = mounts.lines().filter_map(|line| line.split_whitespace().nth(1));
    let mut mounted: Vec<&str> =
        mounted.filter(|place| Path::new(place).starts_with(folder)).collect();
    mounted.reverse();
    for place in mounted {
        let _ = shell::output(&mut shell::command("umount", &["--lazy", place]));
    }
    let _ = fs::remove_dir_all(folder);
}

/// Ends engines whose `xtask` is gone, and removes what they had.
fn sweep() {
    let Ok(entries) = fs::read_dir(PLACE) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let owner = name.strip_prefix(PREFIX).and_then(|rest| rest.rsplit_once('-'));
        let is_gone = |pid: &str| !Path::new("/proc").join(pid).exists();
        if owner.is_some_and(|(_, pid)| is_gone(pid)) {
            if let Some(pid) = engine_of(&entry.path()) {
                end(&pid);
            }
            clear(&entry.path());
        }
    }
}

/// The process of an engine that still runs for this folder.
fn engine_of(folder: &Path) -> Option<String> {
    let pid = fs::read_to_string(folder.join("pid")).ok()?.trim().to_owned();
    let line = fs::read(Path::new("/proc").join(&pid).join("cmdline")).ok()?;
    String::from_utf8_lossy(&line).contains(&*folder.to_string_lossy()).then_some(pid)
}

/// Ends a process as a person would, and waits for it.
pub(super) fn end(pid: &str) {
    let _ = shell::output(&mut shell::command("kill", &["-TERM", pid]));
    let until = Instant::now() + LIMIT;
    while Path::new("/proc").join(pid).exists() && Instant::now() < until {
        thread::sleep(LOOK);
    }
}
