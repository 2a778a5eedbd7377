//! What writing compressed files needs everywhere.

use std::io::{self, Write};

use sha2::{Digest, Sha256};

use crate::digest::hex;
use crate::store::Staged;

/// The level of compression: what the `zstd` program takes by itself.
pub(crate) const LEVEL: i32 = 3;

/// A file that knows the digest of what was written to it.
pub(crate) struct Counted {
    staged: Box<dyn Staged + Send>,
    hash: Sha256,
    size: u64,
}

impl Counted {
    pub(crate) fn new(staged: Box<dyn Staged + Send>) -> Self {
        Self { staged, hash: Sha256::new(), size: 0 }
    }

    /// The file, the digest of its bytes in hexadecimal, and how many they are.
    pub(crate) fn finish(self) -> (Box<dyn Staged + Send>, String, u64) {
        (self.staged, hex(&self.hash.finalize()), self.size)
    }
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.staged.write(bytes)?;
        self.hash.update(&bytes[..count]);
        self.size += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.staged.flush()
    }
}
