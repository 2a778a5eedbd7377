//! Cloning a folder. Nothing is followed: each part of a path is opened in the folder above it.

use std::collections::HashMap;
use std::ffi::{CStr, OsStr};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat, fgetxattr, ioctl_ficlone, major, minor,
    openat, readlinkat, statat,
};
use rustix::io::Errno;

use super::{Cloned, Entry, Kind, MOST};

/// Folders in folders: each is a file that is open.
const DEEPEST: usize = 200;

/// How a folder or a file is opened.
const OPEN: OFlags = OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// What has been met so far.
#[derive(Default)]
struct Met {
    /// The files with several names, and the entry that has their content.
    shared: HashMap<(u64, u64), usize>,
    contents: usize,
}

impl Cloned {
    /// Takes all of it in. `false` where that is no way.
    pub(super) fn fill(&mut self, source: &Path) -> io::Result<bool> {
        let top = openat(CWD, source, OPEN | OFlags::DIRECTORY, Mode::empty())?;
        let found = rustix::fs::fstat(&top)?;
        self.entries.push(entry(PathBuf::new(), &found, Kind::Folder));
        self.folder_of(&top, Path::new(""), 0, &mut Met::default())
    }

    fn folder_of(
        &mut self,
        folder: &OwnedFd,
        path: &Path,
        depth: usize,
        met: &mut Met,
    ) -> io::Result<bool> {
        for found in Dir::read_from(folder)? {
            let found = found?;
            let name = found.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            if depth == DEEPEST || self.entries.len() == MOST {
                return Ok(false);
            }
            let path = path.join(OsStr::from_bytes(name.to_bytes()));
            if !self.one(folder, name, path, depth, met)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn one(
        &mut self,
        folder: &OwnedFd,
        name: &CStr,
        path: PathBuf,
        depth: usize,
        met: &mut Met,
    ) -> io::Result<bool> {
        let found = statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
        let kind = match FileType::from_raw_mode(found.st_mode) {
            FileType::Directory => {
                let below = openat(folder, name, OPEN | OFlags::DIRECTORY, Mode::empty())?;
                self.entries.push(entry(path.clone(), &found, Kind::Folder));
                return self.folder_of(&below, &path, depth + 1, met);
            }
            FileType::RegularFile => {
                let is_shared = found.st_nlink > 1;
                let first = is_shared.then(|| met.shared.get(&(found.st_dev, found.st_ino)));
                match first.flatten() {
                    Some(first) => Kind::Same(*first),
                    None => {
                        let file = openat(folder, name, OPEN, Mode::empty())?;
                        let Some(capability) = self.content_of(&file, met.contents)? else {
                            return Ok(false);
                        };
                        let content = met.contents;
                        met.contents += 1;
                        if is_shared {
                            met.shared.insert((found.st_dev, found.st_ino), self.entries.len());
                        }
                        let size = u64::try_from(found.st_size).unwrap_or(0);
                        Kind::File { content, size, capability }
                    }
                }
            }
            FileType::Symlink => {
                let to = readlinkat(folder, name, Vec::new())?;
                Kind::Link(PathBuf::from(OsStr::from_bytes(to.as_bytes())))
            }
            FileType::Fifo => Kind::Pipe,
            kind @ (FileType::BlockDevice | FileType::CharacterDevice) => Kind::Device {
                is_block: kind == FileType::BlockDevice,
                major: major(found.st_rdev),
                minor: minor(found.st_rdev),
            },
            // A socket is nothing without whoever listens at it.
            _ => return Ok(true),
        };
        self.entries.push(entry(path, &found, kind));
        Ok(true)
    }

    /// Clones a file's content, and tells its capability. `None` where the file system does not do that.
    fn content_of(&self, file: &OwnedFd, number: usize) -> io::Result<Option<Vec<u8>>> {
        let path = self.folder.join(number.to_string());
        let new: File = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        match ioctl_ficlone(new.as_fd(), file) {
            Ok(()) => {}
            // Another file system, one without reflinks, or files of it that have none.
            Err(
                Errno::XDEV
                | Errno::OPNOTSUPP
                | Errno::NOTTY
                | Errno::INVAL
                | Errno::NOSYS
                | Errno::PERM
                | Errno::TXTBSY,
            ) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        let mut value = vec![0; 64];
        Ok(Some(match fgetxattr(file, "security.capability", &mut value[..]) {
            Ok(length) => {
                value.truncate(length);
                value
            }
            Err(_) => Vec::new(),
        }))
    }
}

fn entry(path: PathBuf, found: &Stat, kind: Kind) -> Entry {
    Entry {
        path,
        mode: found.st_mode & 0o7777,
        uid: found.st_uid,
        gid: found.st_gid,
        modified: u64::try_from(found.st_mtime).unwrap_or(0),
        kind,
    }
}
