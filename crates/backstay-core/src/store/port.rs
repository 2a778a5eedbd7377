//! Durable files. Everything that must survive a crash goes through this port: the journal, releases, and every file of
//! the user's that is put back.

use std::io;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What a directory entry is. Links are never followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// A socket, a device, a pipe.
    Other,
}

/// What is known of a path without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metadata {
    /// What it is.
    pub kind: EntryKind,
    /// Its size in bytes.
    pub len: u64,
    /// Its permission bits; 0 where the platform has none.
    pub mode: u32,
    /// When it was last written.
    pub modified: SystemTime,
    /// The ids of its owner and group; `None` where the platform has none.
    pub owner: Option<(u32, u32)>,
}

/// Whom a directory is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// The user's id.
    pub user: u32,
    /// The group's id, where it is known.
    pub group: Option<u32>,
}

/// A file that is being written and does not have its name yet. Dropping it removes it.
pub trait Staged: Write {
    /// Makes it durable and gives it its name, replacing what was there.
    ///
    /// # Errors
    /// The file then does not have that name.
    fn publish(self: Box<Self>, path: &Path) -> io::Result<()>;
}

/// Durable files. When a call has returned, what it did survives a loss of power; when it fails or the power goes
/// while it runs, the path holds either what it held before or all of the new content. Only [`append`](Self::append)
/// may leave a part of its bytes behind.
pub trait Store: Send + Sync {
    /// Reads a whole file. Follows no link in the last part of the path.
    ///
    /// # Errors
    /// As the platform's `read`.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// Opens a file to read it in parts.
    ///
    /// # Errors
    /// As the platform's `open`.
    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + Send>>;

    /// Writes a whole file with these permission bits: temporary file, fsync, rename, fsync of the directory. A file that
    /// is replaced keeps its owner.
    ///
    /// # Errors
    /// The old content is then still there.
    fn write(&self, path: &Path, bytes: &[u8], mode: u32) -> io::Result<()>;

    /// Starts a file in `directory` whose name is known only when all of it is written. Mode 0600.
    ///
    /// # Errors
    /// As the platform's `open`.
    fn stage(&self, directory: &Path) -> io::Result<Box<dyn Staged + Send>>;

    /// Appends and fsyncs; creates the file with mode 0600.
    ///
    /// # Errors
    /// A part of the bytes may have been written.
    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// Cuts a file to `len` bytes and fsyncs.
    ///
    /// # Errors
    /// As the platform's `ftruncate`.
    fn truncate(&self, path: &Path, len: u64) -> io::Result<()>;

    /// Creates a directory with mode 0700, and those above it that are missing. One that is there already is fine.
    ///
    /// # Errors
    /// As the platform's `mkdir`.
    fn create_dir(&self, path: &Path) -> io::Result<()>;

    /// Creates one directory with these permission bits, and gives it to this owner and group where they are named.
    /// Returns whether it is theirs: only root may give things away. One that is there already stays as it is.
    ///
    /// # Errors
    /// As the platform's `mkdir`: the folder above it has to be there.
    fn make_dir(&self, path: &Path, mode: u32, owner: Option<Owner>) -> io::Result<bool>;

    /// Removes a directory that is empty. One that is not there, or not empty, is fine.
    ///
    /// # Errors
    /// As the platform's `rmdir`.
    fn remove_empty_dir(&self, path: &Path) -> io::Result<()>;

    /// Renames a file or a directory. A directory that is in the way is an error.
    ///
    /// # Errors
    /// As the platform's `rename`.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file or a link. One that is not there is fine.
    ///
    /// # Errors
    /// As the platform's `unlink`.
    fn remove_file(&self, path: &Path) -> io::Result<()>;

    /// Removes a directory with all in it, following no link. One that is not there is fine.
    ///
    /// # Errors
    /// As the platform's `rmdir`; a part may be gone.
    fn remove_dir(&self, path: &Path) -> io::Result<()>;

    /// The names in a directory, sorted; none where it does not exist.
    ///
    /// # Errors
    /// As the platform's `readdir`.
    fn list(&self, path: &Path) -> io::Result<Vec<String>>;

    /// What a path is, or `None` where nothing is there. Follows no link in the last part.
    ///
    /// # Errors
    /// As the platform's `lstat`, but for "not found".
    fn metadata(&self, path: &Path) -> io::Result<Option<Metadata>>;

    /// The place that a path leads to when links are followed.
    ///
    /// # Errors
    /// As the platform's `realpath`.
    fn resolve(&self, path: &Path) -> io::Result<PathBuf>;

    /// Puts a link to a directory there, where nothing is. On Windows a junction.
    ///
    /// # Errors
    /// As the platform's `symlink`.
    fn link(&self, to: &Path, path: &Path) -> io::Result<()>;

    /// Where a link leads, as it was written.
    ///
    /// # Errors
    /// As the platform's `readlink`: when there is nothing, or no link.
    fn read_link(&self, path: &Path) -> io::Result<PathBuf>;

    /// Gives all below a path that was moved here the rights that things have here: those of a state that a group shares.
    ///
    /// # Errors
    /// As the platform's `chmod`.
    fn adopt(&self, path: &Path) -> io::Result<()>;

    /// Bytes that are free for this user where `path`, or the nearest folder above it, is.
    ///
    /// # Errors
    /// As the platform's `statvfs`.
    fn available(&self, path: &Path) -> io::Result<u64>;
}
