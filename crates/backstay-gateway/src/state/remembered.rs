//! Which program runs instead of the image's own, after an upgrade and until there is another image.

use super::durable;
use super::folder::Folder;
use serde::{Deserialize, Serialize};
use std::hash::Hasher;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::{fs, hash};

/// A program that has once been ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Remembered {
    /// The program.
    pub binary: PathBuf,
    /// The fingerprint of the image's own program at that time. Another image is newer than what is remembered.
    pub over: u64,
    /// Set while it begins as the supervisor. Where it is still set at the next start, it did not get that far.
    pub trial: bool,
}

impl Remembered {
    /// What is remembered, if anything.
    pub(crate) fn load(folder: &Folder) -> Option<Self> {
        serde_json::from_slice(&fs::read(folder.remembered()).ok()?).ok()
    }

    /// Writes it down.
    pub(crate) fn keep(&self, folder: &Folder) -> io::Result<()> {
        durable::write(&folder.remembered(), &serde_json::to_vec(self)?)
    }

    /// Forgets what is remembered.
    pub(crate) fn forget(folder: &Folder) -> io::Result<()> {
        durable::remove(&folder.remembered())
    }
}

/// Tells one program from another. No protection against anyone: whoever can write here can also write the program.
pub(crate) fn fingerprint(program: &Path) -> io::Result<u64> {
    let mut file = fs::File::open(program)?;
    let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
    let mut buffer = vec![0; 64 << 10];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher.finish()),
            read => hasher.write(&buffer[..read]),
        }
    }
}

/// FNV-1a: the same in every version of the program, which the standard library's hasher does not promise.
struct Fnv(u64);

impl hash::Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
