//! [`Store`] on a disk in memory, with faults.

use std::io::{self, Cursor, Read, Write};
use std::path::{Path, PathBuf};

use backstay_core::ports::{Metadata, Owner, Staged, Store};

use crate::fake::disk::Disk;
use crate::fake::faults::{Call, Extent, Why};
use crate::fake::machine::World;
use crate::fake::process::Process;

/// The store of a process.
#[derive(Debug, Clone)]
pub struct MemStore {
    process: Process,
}

impl MemStore {
    pub(super) const fn new(process: Process) -> Self {
        Self { process }
    }

    fn read_call<T>(
        &self,
        what: &str,
        path: &Path,
        act: impl FnOnce(&Disk) -> io::Result<T>,
    ) -> io::Result<T> {
        let act = |world: &mut World, _| act(&world.disk);
        self.process.call_now(&name(what, path), Call::Read, act, failed)
    }

    fn change<T>(
        &self,
        what: &str,
        path: &Path,
        how: Call,
        act: impl FnOnce(&mut World, Extent) -> io::Result<T>,
    ) -> io::Result<T> {
        self.process.call_now(&name(what, path), how, act, failed)
    }
}

impl Store for MemStore {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.read_call("read", path, |disk| disk.read(path))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + Send>> {
        let bytes = self.read_call("open", path, |disk| disk.read(path))?;
        Ok(Box::new(Cursor::new(bytes)))
    }

    fn write(&self, path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
        self.change("write", path, Call::Divisible, |world, extent| match extent {
            // Without a kill the temporary file is cleared away.
            Extent::Half => Ok(()),
            Extent::Cut => half_written(world, path, bytes),
            _ => world.disk.put(path, bytes, mode, world.now),
        })
    }

    fn stage(&self, directory: &Path) -> io::Result<Box<dyn Staged + Send>> {
        let path = self.change("stage", directory, Call::Atomic, |world, _| {
            let path = world.disk.temporary(directory);
            world.disk.put(&path, b"", 0o600, world.now).map(|()| path)
        })?;
        Ok(Box::new(StagedFile { store: self.clone(), path }))
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.change("append", path, Call::Divisible, |world, extent| {
            let len = if extent.is_half() { bytes.len() / 2 } else { bytes.len() };
            world.disk.append(path, &bytes[..len], world.now)
        })
    }

    fn truncate(&self, path: &Path, len: u64) -> io::Result<()> {
        self.change("truncate", path, Call::Atomic, |world, _| {
            world.disk.truncate(path, len, world.now)
        })
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        // One that is there is no change, and no point at which something can go wrong.
        if self.read_call("metadata", path, |disk| Ok(disk.is_dir(path)))? {
            return Ok(());
        }
        self.change("create_dir", path, Call::Divisible, |world, extent| {
            let above = path.parent().unwrap_or(path);
            let path = if extent.is_half() { above } else { path };
            world.disk.create_dir(path, 0o700, world.now)
        })
    }

    fn make_dir(&self, path: &Path, mode: u32, _owner: Option<Owner>) -> io::Result<bool> {
        self.change("make_dir", path, Call::Atomic, |world, _| {
            world.disk.make_dir(path, mode, world.now).map(|()| true)
        })
    }

    fn remove_empty_dir(&self, path: &Path) -> io::Result<()> {
        self.change("remove_empty_dir", path, Call::Atomic, |world, _| {
            world.disk.remove_empty_dir(path)
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.change("rename", to, Call::Atomic, |world, _| world.disk.rename(from, to))
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.change("remove_file", path, Call::Atomic, |world, _| world.disk.remove_file(path))
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        self.change("remove_dir", path, Call::Divisible, |world, extent| {
            world.disk.remove_dir(path, extent.is_half())
        })
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        self.read_call("list", path, |disk| disk.list(path))
    }

    fn metadata(&self, path: &Path) -> io::Result<Option<Metadata>> {
        self.read_call("metadata", path, |disk| Ok(disk.metadata(path)))
    }

    fn resolve(&self, path: &Path) -> io::Result<std::path::PathBuf> {
        Ok(path.to_owned())
    }

    fn link(&self, to: &Path, path: &Path) -> io::Result<()> {
        self.change("link", path, Call::Atomic, |world, _| {
            if world.disk.nodes.contains_key(path) {
                return Err(io::Error::from(io::ErrorKind::AlreadyExists));
            }
            world.disk.link(path, to, world.now)
        })
    }

    fn read_link(&self, path: &Path) -> io::Result<std::path::PathBuf> {
        self.read_call("read_link", path, |disk| disk.link_target(path))
    }

    fn adopt(&self, _path: &Path) -> io::Result<()> {
        Ok(())
    }

    fn available(&self, path: &Path) -> io::Result<u64> {
        self.read_call("available", path, |disk| Ok(disk.available()))
    }
}

/// A file under a temporary name. A process that is killed leaves it behind, as on a real disk.
struct StagedFile {
    store: MemStore,
    path: PathBuf,
}

impl Write for StagedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Not a point of its own: what a cut leaves is the same temporary file.
        self.store.read_call("write", &self.path, |_| Ok(()))?;
        self.store.process.machine().with(|world| {
            let now = world.now;
            world.disk.append(&self.path, bytes, now).map(|()| bytes.len())
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Staged for StagedFile {
    fn publish(self: Box<Self>, path: &Path) -> io::Result<()> {
        self.store
            .change("publish", path, Call::Atomic, |world, _| world.disk.rename(&self.path, path))
    }
}

impl Drop for StagedFile {
    fn drop(&mut self) {
        if !self.store.process.is_dead() {
            let _ = self.store.process.machine().with(|world| world.disk.remove_file(&self.path));
        }
    }
}

/// What a process that is killed in the middle of a whole-file write leaves: a temporary file.
fn half_written(world: &mut World, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let directory = path.parent().unwrap_or(path).to_owned();
    let temporary = world.disk.temporary(&directory);
    world.disk.put(&temporary, &bytes[..bytes.len() / 2], 0o600, world.now)
}

fn name(what: &str, path: &Path) -> String {
    format!("store.{what} {}", path.display())
}

fn failed(name: &str, why: Why) -> io::Error {
    match why {
        Why::Full => io::Error::from(io::ErrorKind::StorageFull),
        _ => io::Error::other(format!("injected: {name}")),
    }
}
