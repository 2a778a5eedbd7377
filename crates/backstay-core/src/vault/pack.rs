//! Whether it pays to compress what a blob holds, and doing so.
//!
//! Only archives are compressed: an engine that exports layers exports them as plain tar archives, unless they came compressed
//! from a registry, and then their digest is that of the compressed bytes.

use std::io::{self, Read, Write};

use zstd::stream::read::Decoder;
use zstd::stream::write::Encoder;

use super::index::Packed;
use crate::packing::{Counted, LEVEL};
use crate::store::Staged;

/// As much as is tried before a whole layer is compressed.
pub(super) const SAMPLE: usize = 1 << 20;

/// Whatever is smaller stays as it is.
const SMALLEST: usize = 4096;

/// Of a hundred bytes of the sample at most so many may be left for it to pay.
const WORTH: usize = 95;

/// Whether content that begins like this is worth the time: it is an archive, and becomes smaller.
pub(super) fn pays(head: &[u8]) -> bool {
    if head.len() < SMALLEST || head.get(257..262) != Some(b"ustar") {
        return false;
    }
    zstd::bulk::compress(head, 1).is_ok_and(|small| small.len() <= head.len() / 100 * WORTH)
}

/// What a layer's bytes are, by how they begin: the end of its media type.
pub(super) fn suffix(head: &[u8]) -> &'static str {
    match head {
        [0x1f, 0x8b, ..] => "+gzip",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => "+zstd",
        _ => "",
    }
}

/// Reads what was compressed.
pub(super) fn unpack(content: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    Ok(Box::new(Decoder::new(content)?))
}

/// Where a blob's content is written to.
pub(super) enum Sink {
    Plain(Box<dyn Staged + Send>),
    Packed(Box<Encoder<'static, Counted>>),
}

impl Sink {
    /// For content that begins with `head`.
    pub(super) fn new(staged: Box<dyn Staged + Send>, head: &[u8]) -> io::Result<Self> {
        if !pays(head) {
            return Ok(Self::Plain(staged));
        }
        let mut encoder = Encoder::new(Counted::new(staged), LEVEL)?;
        // The vault has digests of its own.
        encoder.include_checksum(false)?;
        Ok(Self::Packed(Box::new(encoder)))
    }

    pub(super) fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(staged) => staged.write_all(bytes),
            Self::Packed(encoder) => encoder.write_all(bytes),
        }
    }

    /// The file, and what it is where that is not its content as it is.
    pub(super) fn finish(self) -> io::Result<(Box<dyn Staged + Send>, Option<Packed>)> {
        match self {
            Self::Plain(staged) => Ok((staged, None)),
            Self::Packed(encoder) => {
                let (staged, sha256, size) = encoder.finish()?.finish();
                Ok((staged, Some(Packed { sha256, size })))
            }
        }
    }
}
