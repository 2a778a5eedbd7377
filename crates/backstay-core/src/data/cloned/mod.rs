//! A clone of a folder, in which files share their content with those that they are clones of (reflinks): it is there at once, whatever
//! their size, so that whoever stands still for it stands still that long. The archive is made from it afterwards.

mod archive;
mod take;
mod thread;

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use thread::{Wanted, on_thread};

/// More entries than that are not taken: each costs time while their users stand still, and memory.
const MOST: usize = 100_000;

/// A clone. Dropping it removes it.
pub(crate) struct Cloned {
    /// Holds the files' contents, each under its number.
    folder: PathBuf,
    entries: Vec<Entry>,
}

/// What an archive says of a file or a folder.
#[derive(Debug)]
struct Entry {
    /// Its path below the folder; empty for the folder itself.
    path: PathBuf,
    mode: u32,
    uid: u32,
    gid: u32,
    /// When it was changed, in seconds.
    modified: u64,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Folder,
    /// Its content's number, its size, and what it may do (`security.capability`).
    File {
        content: usize,
        size: u64,
        capability: Vec<u8>,
    },
    /// The same file as the entry with this number.
    Same(usize),
    Link(PathBuf),
    Pipe,
    Device {
        is_block: bool,
        major: u32,
        minor: u32,
    },
}

impl Cloned {
    /// Clones what is in `source` into a new folder. `None` where the file system does not do that, or where it is too much: then it is
    /// copied, and where that does not go either, it says why.
    pub(crate) async fn take(source: PathBuf, folder: PathBuf) -> Option<Self> {
        on_thread(move |_| Self::taken(&source, folder)).await.ok().flatten()
    }

    fn taken(source: &Path, folder: PathBuf) -> io::Result<Option<Self>> {
        fs::DirBuilder::new().mode(0o700).create(&folder)?;
        let mut cloned = Self { folder, entries: Vec::new() };
        Ok(cloned.fill(source)?.then_some(cloned))
    }

    /// Writes all of it as an archive. It is gone then.
    pub(crate) async fn write(self, out: Box<dyn Write + Send>) -> io::Result<()> {
        let write = move |is_wanted| {
            let out = Wanted { out, is_wanted };
            archive::write(&self.entries, |content| self.content(content), out)
        };
        on_thread(write).await
    }

    fn content(&self, number: usize) -> io::Result<File> {
        File::open(self.folder.join(number.to_string()))
    }
}

impl Drop for Cloned {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[cfg(test)]
mod tests;
