//! Tar archives, entry after entry, with regular files only. The archive comes from elsewhere: links, devices and extensions are
//! refused, and nothing in it decides how much memory is taken.

use std::io::{self, Read};

use tar::{Builder, EntryType, Header};

/// Blocks of a tar archive.
const BLOCK: usize = 512;

/// The longest path.
const PATH: u64 = 4096;

/// The header of an entry, with the extension that a long path needs.
pub(super) fn header(path: &str, size: u64) -> io::Result<Vec<u8>> {
    let mut header = Header::new_gnu();
    header.set_mode(0o600);
    header.set_mtime(0);
    header.set_size(size);
    let mut builder = Builder::new(Vec::new());
    // The content is not appended here.
    builder.append_data(&mut header, path, io::empty())?;
    Ok(builder.get_ref().clone())
}

/// What follows content of this size.
pub(super) fn padding(size: u64) -> &'static [u8] {
    const ZEROS: [u8; BLOCK] = [0; BLOCK];
    let over = (size % BLOCK as u64) as usize;
    if over == 0 { &[] } else { &ZEROS[over..] }
}

/// What an archive ends with.
pub(super) const END: [u8; 2 * BLOCK] = [0; 2 * BLOCK];

/// An archive that is read.
pub(super) struct Blocks<R>(R);

impl<R: Read> Blocks<R> {
    pub(super) fn new(input: R) -> Self {
        Self(input)
    }

    /// Path and size of the next entry; `None` at the end of the archive. All of the entry before has to be read.
    pub(super) fn next(&mut self) -> io::Result<Option<(String, u64)>> {
        let Some((kind, path, size)) = self.header()? else { return Ok(None) };
        if kind == EntryType::Regular {
            return Ok(Some((path, size)));
        }
        if kind != EntryType::GNULongName || size > PATH {
            return Err(wrong(&format!("`{path}` is of the kind {kind:?}")));
        }
        let mut long = Vec::new();
        self.content(size).read_to_end(&mut long)?;
        self.skip_padding(size)?;
        while long.last() == Some(&0) {
            long.pop();
        }
        let long = String::from_utf8(long).map_err(|_| wrong("a path is not UTF-8"))?;
        match self.header()? {
            Some((EntryType::Regular, _, size)) => Ok(Some((long, size))),
            _ => Err(wrong(&format!("`{long}` is not a file"))),
        }
    }

    fn header(&mut self) -> io::Result<Option<(EntryType, String, u64)>> {
        let mut header = Header::new_gnu();
        self.0.read_exact(header.as_mut_bytes())?;
        if header.as_bytes().iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let path = String::from_utf8(header.path_bytes().into_owned());
        let path = path.map_err(|_| wrong("a path is not UTF-8"))?;
        Ok(Some((header.entry_type(), path, header.entry_size()?)))
    }

    /// The content of the entry; the caller reads all of it.
    pub(super) fn content(&mut self, size: u64) -> io::Take<&mut R> {
        (&mut self.0).take(size)
    }

    /// Reads past what follows content of this size.
    pub(super) fn skip_padding(&mut self, size: u64) -> io::Result<()> {
        let mut rest = [0; BLOCK];
        self.0.read_exact(&mut rest[..padding(size).len()])
    }

    /// Reads past the end of the archive: nothing may follow but zeros, and what holds it has to end well.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        let mut rest = Vec::new();
        (&mut self.0).take(64 * 1024).read_to_end(&mut rest)?;
        // One block of zeros was the sign of the end.
        let is_end = rest.len() >= BLOCK && rest.len() < 64 * 1024;
        if !is_end || rest.iter().any(|byte| *byte != 0) {
            return Err(wrong("something follows its end, or the end is missing"));
        }
        Ok(())
    }
}

pub(super) fn wrong(problem: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem.to_owned())
}
