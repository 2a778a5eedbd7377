//! The file system of this machine.

use std::fs::{self, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::files::FileSystem;
use super::growing::Growing;
use super::{platform, sharing};
use crate::store::{EntryKind, Metadata, Owner};

/// The file system of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct DiskStore;

impl FileSystem for DiskStore {
    type File = Growing;

    fn open_to_read(&self, path: &Path) -> io::Result<Box<dyn Read + Send>> {
        let file = platform::no_follow(OpenOptions::new().read(true)).open(path)?;
        if file.metadata()?.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory));
        }
        Ok(Box::new(file))
    }

    fn create_new(&self, path: &Path) -> io::Result<Growing> {
        let file = platform::private(OpenOptions::new().write(true).create_new(true)).open(path)?;
        sharing::settle(path)?;
        Ok(Growing::new(file))
    }

    fn open_to_append(&self, path: &Path) -> io::Result<Growing> {
        let mut options = OpenOptions::new();
        let is_new = !path.exists();
        let options = platform::no_follow(platform::private(options.append(true).create(true)));
        let file = options.open(path)?;
        if is_new {
            sharing::settle(path)?;
        }
        Ok(Growing::new(file))
    }

    fn open_and_cut(&self, path: &Path, len: u64) -> io::Result<Growing> {
        let file = platform::no_follow(OpenOptions::new().write(true)).open(path)?;
        file.set_len(len)?;
        Ok(Growing::new(file))
    }

    fn set_mode(&self, file: &Growing, mode: u32, replaces: &Path) -> io::Result<()> {
        let old = fs::symlink_metadata(replaces).ok().filter(fs::Metadata::is_file);
        if sharing::is_shared(replaces) {
            // It has its rights since it was created.
            return Ok(());
        }
        platform::set_mode(file.file(), mode, old.as_ref(), replaces)
    }

    fn sync_file(&self, file: &Growing) -> io::Result<()> {
        file.sync()
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        platform::sync_dir(path)
    }

    fn mkdir(&self, path: &Path) -> io::Result<()> {
        platform::private_dir(path)?;
        sharing::settle(path)
    }

    fn give_dir(&self, path: &Path, mode: u32, owner: Option<Owner>) -> io::Result<bool> {
        platform::give(path, mode, owner)
    }

    fn rmdir(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }

    fn move_entry(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn unlink(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_tree(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir_all(path)
    }

    fn names(&self, path: &Path) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(path)? {
            // A name that is not UTF-8 is none of ours.
            names.extend(entry?.file_name().into_string().ok());
        }
        Ok(names)
    }

    fn look(&self, path: &Path) -> io::Result<Metadata> {
        let found = fs::symlink_metadata(path)?;
        let kind = match found.file_type() {
            kind if kind.is_file() => EntryKind::File,
            kind if kind.is_dir() => EntryKind::Directory,
            kind if kind.is_symlink() => EntryKind::Link,
            _ => EntryKind::Other,
        };
        Ok(Metadata {
            kind,
            len: found.len(),
            mode: platform::mode(&found),
            modified: found.modified()?,
            owner: platform::owner(&found),
        })
    }

    fn leads_to_dir(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn real_path(&self, path: &Path) -> io::Result<PathBuf> {
        fs::canonicalize(path)
    }

    fn make_link(&self, to: &Path, path: &Path) -> io::Result<()> {
        platform::link(to, path)
    }

    fn link_target(&self, path: &Path) -> io::Result<PathBuf> {
        platform::link_target(path)
    }

    fn take_in(&self, path: &Path) -> io::Result<()> {
        sharing::settle_all(path)
    }

    fn space(&self, path: &Path) -> io::Result<u64> {
        platform::available(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[test]
    fn a_write_replaces_the_whole_file_and_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        DiskStore.write(&path, b"one", 0o600).unwrap();
        DiskStore.write(&path, b"2", 0o640).unwrap();
        assert_eq!(DiskStore.read(&path).unwrap(), b"2");
        assert_eq!(DiskStore.list(dir.path()).unwrap(), ["a"]);
        #[cfg(unix)]
        assert_eq!(DiskStore.metadata(&path).unwrap().unwrap().mode, 0o640);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink("/etc/hostname", &link).unwrap();
        assert!(DiskStore.read(&link).is_err());
        assert!(DiskStore.append(&link, b"x").is_err());
        assert_eq!(DiskStore.metadata(&link).unwrap().unwrap().kind, EntryKind::Link);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_created_is_private() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("x/y");
        DiskStore.create_dir(&folder).unwrap();
        DiskStore.append(&folder.join("j"), b"1\n").unwrap();
        DiskStore.append(&folder.join("j"), b"2\n").unwrap();
        assert_eq!(DiskStore.metadata(&dir.path().join("x")).unwrap().unwrap().mode, 0o700);
        assert_eq!(DiskStore.metadata(&folder.join("j")).unwrap().unwrap().mode, 0o600);
        assert_eq!(DiskStore.read(&folder.join("j")).unwrap(), b"1\n2\n");
    }
}
