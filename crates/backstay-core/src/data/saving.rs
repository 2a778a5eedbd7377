//! A file of data while it is written: compressed and digested on the way, and without its name until it is whole.

use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use zstd::stream::write::Encoder;

use crate::event::{Activity, Event};
use crate::packing::Counted;
use crate::ports::Reporter;
use crate::store::Store;

/// The level of compression. A run waits for it, and so may its visitors: the fastest that still makes a dump a fraction of itself.
const LEVEL: i32 = 1;

/// After so many bytes it is told again how many there are.
const TOLD: u64 = 16 << 20;

/// How much of the end is looked at for a mark.
const TAIL: usize = 4096;

/// A file that is being written. Whoever writes has a handle on it.
pub(crate) struct Saving {
    inner: Arc<Mutex<Inner>>,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Written {
    /// Bytes of the file.
    pub size: u64,
    /// Bytes that were written to it.
    pub raw: u64,
    /// Its digest.
    pub digest: String,
}

/// Why it is not whole.
#[derive(Debug)]
pub(crate) enum NotWhole {
    /// Nothing was written to it.
    Empty,
    /// The mark is missing that its format ends with.
    NoEnd,
    /// The disk failed.
    Io(io::Error),
}

impl Saving {
    /// Starts a file in this folder; `name` is whose data it is, for whoever is told how it goes on.
    pub(crate) fn start(
        folder: &Path,
        compress: bool,
        name: &str,
        store: &dyn Store,
        reporter: Arc<dyn Reporter>,
    ) -> io::Result<Self> {
        let staged = Counted::new(store.stage(folder)?);
        let out = match compress {
            true => Out::Packed(Box::new(Encoder::new(staged, LEVEL)?)),
            false => Out::Plain(staged),
        };
        let (raw, tail, told) = (0, Vec::new(), 0);
        let inner = Inner { out: Some(out), raw, tail, told, name: name.to_owned(), reporter };
        Ok(Self { inner: Arc::new(Mutex::new(inner)) })
    }

    /// A handle to write to it.
    pub(crate) fn writer(&self) -> Box<dyn Write + Send> {
        Box::new(Handle(Arc::clone(&self.inner)))
    }

    /// Gives it its name, where it is whole: there is something in it, and the mark that it is to end with.
    pub(crate) fn finish(self, path: &Path, end: &str) -> Result<Written, NotWhole> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.raw == 0 {
            return Err(NotWhole::Empty);
        }
        let is_there = |mark: &[u8]| inner.tail.windows(mark.len()).any(|part| part == mark);
        if !end.is_empty() && !is_there(end.as_bytes()) {
            return Err(NotWhole::NoEnd);
        }
        let counted = match inner.out.take() {
            Some(Out::Plain(counted)) => counted,
            Some(Out::Packed(encoder)) => encoder.finish().map_err(NotWhole::Io)?,
            None => return Err(NotWhole::Empty),
        };
        let (staged, sha256, size) = counted.finish();
        staged.publish(path).map_err(NotWhole::Io)?;
        Ok(Written { size, raw: inner.raw, digest: format!("sha256:{sha256}") })
    }
}

struct Inner {
    out: Option<Out>,
    raw: u64,
    tail: Vec<u8>,
    told: u64,
    name: String,
    reporter: Arc<dyn Reporter>,
}

enum Out {
    Plain(Counted),
    Packed(Box<Encoder<'static, Counted>>),
}

struct Handle(Arc<Mutex<Inner>>);

impl Write for Handle {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = match &mut inner.out {
            Some(Out::Plain(counted)) => counted.write(bytes)?,
            Some(Out::Packed(encoder)) => encoder.write(bytes)?,
            None => return Err(io::ErrorKind::BrokenPipe.into()),
        };
        inner.note(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Inner {
    fn note(&mut self, bytes: &[u8]) {
        self.raw += bytes.len() as u64;
        self.tail.extend_from_slice(&bytes[bytes.len().saturating_sub(TAIL)..]);
        let surplus = self.tail.len().saturating_sub(TAIL);
        self.tail.drain(..surplus);
        if self.raw >= self.told + TOLD {
            self.told = self.raw;
            let activity = Activity::Saving { bytes: self.raw };
            self.reporter.report(&Event::Service { service: self.name.clone(), activity });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::digest::digest;
    use crate::ports::Silent;
    use crate::store::DiskStore;

    fn saved(
        compress: bool,
        parts: &[&[u8]],
        end: &str,
    ) -> (tempfile::TempDir, Result<Written, NotWhole>) {
        let dir = tempfile::tempdir().unwrap();
        let saving =
            Saving::start(dir.path(), compress, "db", &DiskStore, Arc::new(Silent)).unwrap();
        let mut writer = saving.writer();
        parts.iter().for_each(|part| writer.write_all(part).unwrap());
        let done = saving.finish(&dir.path().join("file"), end);
        (dir, done)
    }

    #[test]
    fn what_is_whole_has_its_name_its_digest_and_its_content() {
        for compress in [false, true] {
            let (dir, done) =
                saved(compress, &[b"rows\n", b"-- Dump completed on x\n"], "-- Dump completed");
            let (written, bytes) = (done.unwrap(), std::fs::read(dir.path().join("file")).unwrap());
            assert_eq!((written.size, written.raw), (bytes.len() as u64, 28));
            assert_eq!(written.digest, digest(&bytes));
            let mut content = Vec::new();
            match compress {
                true => drop(zstd::Decoder::new(&bytes[..]).unwrap().read_to_end(&mut content)),
                false => content = bytes,
            }
            assert_eq!(content, b"rows\n-- Dump completed on x\n");
        }
    }

    #[test]
    fn what_is_not_whole_leaves_nothing() {
        for (parts, end) in [(&[][..], ""), (&[&b"rows\n"[..]][..], "-- Dump completed")] {
            let (dir, done) = saved(true, parts, end);
            assert!(matches!(done, Err(NotWhole::Empty | NotWhole::NoEnd)));
            assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        }
    }
}
