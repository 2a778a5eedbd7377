//! From a list and blobs back to an export, as a stream that takes the same memory for an image of any size.

use std::io::{self, Read};
use std::vec;

use sha2::{Digest, Sha256};
use tar::{Builder, EntryType, Header};

use super::blobs::{Blobs, named};
use super::index::{Index, Kind, Packed, StoredFile};
use super::pack::unpack;
use crate::digest::hex;

/// Blocks of a tar archive.
const BLOCK: u64 = 512;

/// A tar stream.
pub(super) struct Export {
    blobs: Blobs,
    entries: vec::IntoIter<StoredFile>,
    /// Bytes that come next: headers, padding, the end.
    small: io::Cursor<Vec<u8>>,
    /// The content that follows them.
    body: Option<Body>,
    ended: bool,
}

/// A blob on its way: what it holds.
struct Body {
    content: Box<dyn Read + Send>,
    /// The name of the file.
    blob: String,
    sha256: String,
    size: u64,
    left: u64,
    hash: Sha256,
}

impl Export {
    pub(super) fn new(blobs: Blobs, index: Index) -> Self {
        Self {
            blobs,
            entries: index.entries.into_iter(),
            small: io::Cursor::default(),
            body: None,
            ended: false,
        }
    }

    /// Gets the next bytes ready. `false` at the end.
    fn advance(&mut self) -> io::Result<bool> {
        if let Some(entry) = self.entries.next() {
            self.small = io::Cursor::new(header(&entry)?);
            if let Kind::File { sha256, size, packed } = entry.kind {
                let (blob, content) = open(&self.blobs, &sha256, packed.as_ref())?;
                let hash = Sha256::new();
                self.body = Some(Body { content, blob, sha256, size, left: size, hash });
            }
            return Ok(true);
        }
        if self.ended {
            return Ok(false);
        }
        self.ended = true;
        self.small = io::Cursor::new(vec![0; 2 * BLOCK as usize]);
        Ok(true)
    }

    fn damaged(&self, body: &Body) -> io::Error {
        let file = self.blobs.file(&body.blob);
        io::Error::new(io::ErrorKind::InvalidData, format!("`{}` is damaged", file.display()))
    }
}

impl Read for Export {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let count = self.small.read(buffer)?;
            if count > 0 {
                return Ok(count);
            }
            let Some(mut body) = self.body.take() else {
                if self.advance()? {
                    continue;
                }
                return Ok(0);
            };
            if body.left == 0 {
                // One byte more than listed is damage as well.
                let longer = body.content.read(&mut [0]).map_or(true, |count| count > 0);
                if longer || hex(&body.hash.clone().finalize()) != body.sha256 {
                    return Err(self.damaged(&body));
                }
                let padding = (BLOCK - body.size % BLOCK) % BLOCK;
                self.small = io::Cursor::new(vec![0; padding as usize]);
                continue;
            }
            let limit = usize::try_from(body.left).unwrap_or(usize::MAX).min(buffer.len());
            let count = match body.content.read(&mut buffer[..limit]) {
                Ok(count) if count > 0 => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                    self.body = Some(body);
                    return Err(error);
                }
                Ok(_) => return Err(self.damaged(&body)),
                // What was compressed says itself where it is not whole.
                Err(error) if body.blob != body.sha256 => {
                    let text = format!("{}: {error}", self.damaged(&body));
                    return Err(io::Error::new(io::ErrorKind::InvalidData, text));
                }
                Err(error) => return Err(named(&self.blobs.file(&body.blob), error)),
            };
            body.hash.update(&buffer[..count]);
            body.left -= count as u64;
            self.body = Some(body);
            return Ok(count);
        }
    }
}

/// What a blob holds, and the blob's name.
pub(super) fn open(
    blobs: &Blobs,
    sha256: &str,
    packed: Option<&Packed>,
) -> io::Result<(String, Box<dyn Read + Send>)> {
    let Some(packed) = packed else { return Ok((sha256.to_owned(), blobs.open(sha256)?)) };
    if !blobs.has(&packed.sha256, packed.size)? {
        let text = "it is missing, or not as long as it should be".to_owned();
        let error = io::Error::new(io::ErrorKind::InvalidData, text);
        return Err(named(&blobs.file(&packed.sha256), error));
    }
    Ok((packed.sha256.clone(), unpack(blobs.open(&packed.sha256)?)?))
}

/// An entry's header, with the extension that a long path needs.
fn header(entry: &StoredFile) -> io::Result<Vec<u8>> {
    let mut header = Header::new_gnu();
    header.set_mode(entry.mode);
    header.set_mtime(0);
    header.set_size(0);
    let mut builder = Builder::new(Vec::new());
    match &entry.kind {
        Kind::Directory => {
            header.set_entry_type(EntryType::Directory);
            builder.append_data(&mut header, &entry.path, io::empty())?;
        }
        Kind::File { size, .. } => {
            header.set_entry_type(EntryType::Regular);
            header.set_size(*size);
            // The content is not appended here: it follows from the blob.
            builder.append_data(&mut header, &entry.path, io::empty())?;
        }
        Kind::Symlink { target } => {
            header.set_entry_type(EntryType::Symlink);
            builder.append_link(&mut header, &entry.path, target)?;
        }
        Kind::Hardlink { target } => {
            header.set_entry_type(EntryType::Link);
            builder.append_link(&mut header, &entry.path, target)?;
        }
    }
    Ok(builder.get_ref().clone())
}
