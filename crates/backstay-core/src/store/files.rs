//! What a store needs of a file system: single operations, none of which is durable by itself.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::store::{Metadata, Owner};

/// A file system. Whoever implements it has a [`Store`](crate::store::Store).
///
/// A file's content survives a loss of power once [`sync_file`](Self::sync_file) has returned; that a name leads to a file
/// or to nothing survives it once [`sync_dir`](Self::sync_dir) has returned for the folder.
pub trait FileSystem: Clone + Send + Sync + 'static {
    /// A file that is open for writing.
    type File: Write + Send;

    /// Opens a file to read it; a link or a directory is an error.
    ///
    /// # Errors
    /// As the platform's `open`.
    fn open_to_read(&self, path: &Path) -> io::Result<Box<dyn Read + Send>>;

    /// Creates a file that is not there yet, for its owner alone.
    ///
    /// # Errors
    /// As the platform's `open`.
    fn create_new(&self, path: &Path) -> io::Result<Self::File>;

    /// Opens a file to add to its end, creating it for its owner alone; a link is an error.
    ///
    /// # Errors
    /// As the platform's `open`.
    fn open_to_append(&self, path: &Path) -> io::Result<Self::File>;

    /// Opens a file and cuts it to this length; a link is an error.
    ///
    /// # Errors
    /// As the platform's `ftruncate`.
    fn open_and_cut(&self, path: &Path, len: u64) -> io::Result<Self::File>;

    /// Gives an open file these permission bits, and the owner of the file that it is to replace.
    ///
    /// # Errors
    /// As the platform's `fchmod`.
    fn set_mode(&self, file: &Self::File, mode: u32, replaces: &Path) -> io::Result<()>;

    /// Makes a file's content durable.
    ///
    /// # Errors
    /// As the platform's `fsync`.
    fn sync_file(&self, file: &Self::File) -> io::Result<()>;

    /// Makes a directory's entries and permission bits durable. An empty path is the working directory.
    ///
    /// # Errors
    /// As the platform's `fsync`.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;

    /// Creates a directory for its owner alone.
    ///
    /// # Errors
    /// As the platform's `mkdir`.
    fn mkdir(&self, path: &Path) -> io::Result<()>;

    /// Gives a directory these permission bits and this owner. Returns whether it is theirs.
    ///
    /// # Errors
    /// As the platform's `chmod`.
    fn give_dir(&self, path: &Path, mode: u32, owner: Option<Owner>) -> io::Result<bool>;

    /// Removes an empty directory.
    ///
    /// # Errors
    /// As the platform's `rmdir`.
    fn rmdir(&self, path: &Path) -> io::Result<()>;

    /// Gives a file or a directory another name, replacing a file.
    ///
    /// # Errors
    /// As the platform's `rename`.
    fn move_entry(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file or a link.
    ///
    /// # Errors
    /// As the platform's `unlink`.
    fn unlink(&self, path: &Path) -> io::Result<()>;

    /// Removes a directory with all in it, following no link.
    ///
    /// # Errors
    /// As the platform's `rmdir`; a part may be gone.
    fn remove_tree(&self, path: &Path) -> io::Result<()>;

    /// The names in a directory, in any order.
    ///
    /// # Errors
    /// As the platform's `readdir`.
    fn names(&self, path: &Path) -> io::Result<Vec<String>>;

    /// What a path is. Follows no link in its last part.
    ///
    /// # Errors
    /// As the platform's `lstat`.
    fn look(&self, path: &Path) -> io::Result<Metadata>;

    /// Whether a path leads to a directory.
    fn leads_to_dir(&self, path: &Path) -> bool;

    /// The place that a path leads to.
    ///
    /// # Errors
    /// As the platform's `realpath`.
    fn real_path(&self, path: &Path) -> io::Result<PathBuf>;

    /// Creates a link to a directory.
    ///
    /// # Errors
    /// As the platform's `symlink`.
    fn make_link(&self, to: &Path, path: &Path) -> io::Result<()>;

    /// Where a link leads.
    ///
    /// # Errors
    /// As the platform's `readlink`.
    fn link_target(&self, path: &Path) -> io::Result<PathBuf>;

    /// Gives all below a path the rights that things have there.
    ///
    /// # Errors
    /// As the platform's `chmod`.
    fn take_in(&self, path: &Path) -> io::Result<()>;

    /// Bytes that are free for this user where an existing path is.
    ///
    /// # Errors
    /// As the platform's `statvfs`.
    fn space(&self, path: &Path) -> io::Result<u64>;
}
