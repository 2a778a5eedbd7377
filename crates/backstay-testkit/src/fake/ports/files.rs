//! The file system of a process on a machine with a platter: every operation is a call at which it can die.

use std::io::{self, Cursor, Read, Write};
use std::path::{Path, PathBuf};

use backstay_core::ports::{Metadata, Owner};
use backstay_core::store::FileSystem;

use crate::fake::disk::{Disk, Node};
use crate::fake::faults::Call;
use crate::fake::machine::World;
use crate::fake::platter::Platter;
use crate::fake::process::Process;

/// The file system of a process.
#[derive(Debug, Clone)]
pub struct PlatterFiles {
    process: Process,
}

/// A file that is open for writing.
#[derive(Debug)]
pub struct PlatterFile {
    files: PlatterFiles,
    path: PathBuf,
}

impl PlatterFiles {
    /// The files of a process.
    #[must_use]
    pub fn of(process: &Process) -> Self {
        Self { process: process.clone() }
    }

    fn look_at<T>(
        &self,
        what: &str,
        path: &Path,
        act: impl FnOnce(&Disk) -> io::Result<T>,
    ) -> io::Result<T> {
        let act = |world: &mut World, _| act(&world.disk);
        self.process.call_now(&name(what, path), Call::Read, act, |name, _| failed(name))
    }

    /// A change of the disk, and what it means for the platter.
    fn change<T>(
        &self,
        what: &str,
        path: &Path,
        act: impl FnOnce(&mut World, &mut Platter) -> io::Result<T>,
    ) -> io::Result<T> {
        let act = |world: &mut World, _| {
            let mut platter = world.platter.take().unwrap_or_else(|| Platter::of(&world.disk));
            let result = act(world, &mut platter);
            world.platter = Some(platter);
            result
        };
        self.process.call_now(&name(what, path), Call::Atomic, act, |name, _| failed(name))
    }

    fn file(&self, path: &Path) -> PlatterFile {
        PlatterFile { files: self.clone(), path: path.to_owned() }
    }
}

impl FileSystem for PlatterFiles {
    type File = PlatterFile;

    fn open_to_read(&self, path: &Path) -> io::Result<Box<dyn Read + Send>> {
        let bytes = self.look_at("read", path, |disk| disk.read(path))?;
        Ok(Box::new(Cursor::new(bytes)))
    }

    fn create_new(&self, path: &Path) -> io::Result<PlatterFile> {
        self.change("create", path, |world, platter| {
            if world.disk.nodes.contains_key(path) {
                return Err(io::Error::from(io::ErrorKind::AlreadyExists));
            }
            world.disk.put(path, b"", 0o600, world.now)?;
            platter.create(path, node(world, path)?);
            Ok(())
        })?;
        Ok(self.file(path))
    }

    fn open_to_append(&self, path: &Path) -> io::Result<PlatterFile> {
        match self.create_new(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                self.look_at("read", path, |disk| disk.read(path))?;
                Ok(self.file(path))
            }
            other => other,
        }
    }

    fn open_and_cut(&self, path: &Path, len: u64) -> io::Result<PlatterFile> {
        self.change("truncate", path, |world, platter| {
            world.disk.truncate(path, len, world.now)?;
            platter.hold(path, node(world, path)?);
            Ok(())
        })?;
        Ok(self.file(path))
    }

    fn set_mode(&self, file: &PlatterFile, mode: u32, _: &Path) -> io::Result<()> {
        let path = &file.path;
        self.change("chmod", path, |world, platter| {
            let found = world.disk.nodes.get_mut(path).ok_or(io::ErrorKind::NotFound)?;
            found.mode = mode;
            platter.hold(path, found);
            Ok(())
        })
    }

    fn sync_file(&self, file: &PlatterFile) -> io::Result<()> {
        self.change("fsync", &file.path, |_, platter| {
            platter.sync_file(&file.path);
            Ok(())
        })
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.change("fsync", path, |world, platter| {
            if !world.disk.is_dir(path) {
                return Err(io::Error::from(io::ErrorKind::NotFound));
            }
            platter.sync_dir(path);
            Ok(())
        })
    }

    fn mkdir(&self, path: &Path) -> io::Result<()> {
        self.change("mkdir", path, |world, platter| {
            if world.disk.nodes.contains_key(path) {
                return Err(io::Error::from(io::ErrorKind::AlreadyExists));
            }
            let above = path.parent().unwrap_or(path);
            if !world.disk.is_dir(above) {
                return Err(io::Error::from(io::ErrorKind::NotFound));
            }
            world.disk.create_dir(path, 0o700, world.now)?;
            platter.make_dir(path, node(world, path)?);
            Ok(())
        })
    }

    fn give_dir(&self, path: &Path, mode: u32, _: Option<Owner>) -> io::Result<bool> {
        self.change("chmod", path, |world, platter| {
            let found = world.disk.nodes.get_mut(path).ok_or(io::ErrorKind::NotFound)?;
            found.mode = mode;
            platter.hold(path, found);
            Ok(true)
        })
    }

    fn rmdir(&self, path: &Path) -> io::Result<()> {
        self.change("rmdir", path, |world, platter| {
            if !world.disk.is_dir(path) {
                return Err(io::Error::from(io::ErrorKind::NotFound));
            }
            if !world.disk.list(path)?.is_empty() {
                return Err(io::Error::from(io::ErrorKind::DirectoryNotEmpty));
            }
            world.disk.remove_empty_dir(path)?;
            platter.unlink(path);
            Ok(())
        })
    }

    fn move_entry(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.change("rename", to, |world, platter| {
            world.disk.rename(from, to)?;
            platter.rename(from, to);
            Ok(())
        })
    }

    fn unlink(&self, path: &Path) -> io::Result<()> {
        self.change("unlink", path, |world, platter| {
            if !world.disk.nodes.contains_key(path) {
                return Err(io::Error::from(io::ErrorKind::NotFound));
            }
            world.disk.remove_file(path)?;
            platter.unlink(path);
            Ok(())
        })
    }

    fn remove_tree(&self, path: &Path) -> io::Result<()> {
        let inside = self.look_at("list", path, |disk| {
            if disk.metadata(path).is_none() {
                return Err(io::Error::from(io::ErrorKind::NotFound));
            }
            // Deepest first.
            let inside = disk.nodes.keys().rev().filter(|inner| inner.starts_with(path));
            Ok(inside.cloned().collect::<Vec<_>>())
        })?;
        for inner in inside {
            self.change("unlink", &inner, |world, platter| {
                world.disk.nodes.remove(&inner);
                platter.unlink(&inner);
                Ok(())
            })?;
        }
        Ok(())
    }

    fn names(&self, path: &Path) -> io::Result<Vec<String>> {
        self.look_at("list", path, |disk| disk.list(path))
    }

    fn look(&self, path: &Path) -> io::Result<Metadata> {
        self.look_at("look", path, |disk| {
            disk.metadata(path).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
        })
    }

    fn leads_to_dir(&self, path: &Path) -> bool {
        self.look_at("look", path, |disk| Ok(disk.is_dir(path))).unwrap_or(false)
    }

    fn real_path(&self, path: &Path) -> io::Result<PathBuf> {
        Ok(path.to_owned())
    }

    fn make_link(&self, to: &Path, path: &Path) -> io::Result<()> {
        self.change("link", path, |world, platter| {
            if world.disk.nodes.contains_key(path) {
                return Err(io::Error::from(io::ErrorKind::AlreadyExists));
            }
            world.disk.link(path, to, world.now)?;
            platter.link(path, to);
            Ok(())
        })
    }

    fn link_target(&self, path: &Path) -> io::Result<PathBuf> {
        self.look_at("read_link", path, |disk| disk.link_target(path))
    }

    fn take_in(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn space(&self, path: &Path) -> io::Result<u64> {
        self.look_at("look", path, |disk| Ok(disk.available()))
    }
}

impl Write for PlatterFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.files.change("write", &self.path, |world, platter| {
            world.disk.append(&self.path, bytes, world.now)?;
            platter.hold(&self.path, node(world, &self.path)?);
            Ok(bytes.len())
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn node<'a>(world: &'a World, path: &Path) -> io::Result<&'a Node> {
    world.disk.nodes.get(path).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
}

fn name(what: &str, path: &Path) -> String {
    format!("disk.{what} {}", path.display())
}

fn failed(name: &str) -> io::Error {
    io::Error::other(format!("injected: {name}"))
}
