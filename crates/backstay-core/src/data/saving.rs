//! A file of data while it is written: compressed and digested on the way, and without its name until it is whole.

use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use zstd::stream::write::Encoder;

use super::CommandFailed;
use super::cipher::{Encrypting, failed};
use crate::event::{Activity, Event};
use crate::packing::Counted;
use crate::ports::{HostCommands, Reporter, Stop};
use crate::stack::{DataSet, Encrypt};
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
    /// Of the command that it goes through.
    _stop: Option<Stop>,
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
    /// The command that encrypts it failed.
    Encrypt(CommandFailed),
    /// The disk failed.
    Io(io::Error),
}

/// With what a file is written.
pub(crate) struct Tools<'a> {
    pub store: &'a dyn Store,
    /// Who encrypts, and in which folder.
    pub commands: (&'a dyn HostCommands, &'a Path),
    /// Who is told how it goes on.
    pub reporter: Arc<dyn Reporter>,
}

impl Saving {
    /// Starts the file of a set in this folder.
    pub(crate) fn start(folder: &Path, set: &DataSet, tools: Tools<'_>) -> io::Result<Self> {
        let Tools { store, commands, reporter } = tools;
        let file = Counted::new(store.stage(folder)?);
        let (end, stop) = match &set.encrypt {
            None => (End::File(file), None),
            Some(Encrypt { command, .. }) => {
                let (commands, folder) = commands;
                let (started, stop) = Encrypting::start(commands, folder, command, file)?;
                (End::Command(started), Some(stop))
            }
        };
        let out = match set.is_packed() {
            true => Out::Packed(Box::new(Encoder::new(end, LEVEL)?)),
            false => Out::Plain(end),
        };
        let name = &set.name;
        let (raw, tail, told) = (0, Vec::new(), 0);
        let inner = Inner { out: Some(out), raw, tail, told, name: name.clone(), reporter };
        Ok(Self { inner: Arc::new(Mutex::new(inner)), _stop: stop })
    }

    /// A handle to write to it.
    pub(crate) fn writer(&self) -> Box<dyn Write + Send> {
        Box::new(Handle(Arc::clone(&self.inner)))
    }

    /// Gives it its name, where it is whole: there is something in it, and the mark that it is to end with.
    pub(crate) async fn finish(self, path: &Path, end: &str) -> Result<Written, NotWhole> {
        let (out, raw) = match self.take(end) {
            Ok(taken) => taken,
            Err(why) => {
                // Nothing of it is left when this is told.
                let _ = self.command_failed().await;
                return Err(why);
            }
        };
        let counted = out.finish().await.map_err(not_whole)?;
        let (staged, sha256, size) = counted.finish();
        staged.publish(path).map_err(NotWhole::Io)?;
        Ok(Written { size, raw, digest: format!("sha256:{sha256}") })
    }

    /// Why nothing could be written any more, where that is because of a command.
    pub(crate) async fn command_failed(self) -> Option<CommandFailed> {
        let out = self.inner.lock().unwrap_or_else(PoisonError::into_inner).out.take();
        let ended = match out? {
            // What it may still hold back goes nowhere.
            Out::Packed(mut encoder) => {
                let end = std::mem::replace(encoder.get_mut(), End::Nowhere);
                drop(encoder);
                end.end().await
            }
            Out::Plain(end) => end.end().await,
        };
        ended.err().as_ref().and_then(failed).cloned()
    }

    /// What it is written with, and how much that was, where it is whole so far.
    fn take(&self, end: &str) -> Result<(Out, u64), NotWhole> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.raw == 0 {
            return Err(NotWhole::Empty);
        }
        let is_there = |mark: &[u8]| inner.tail.windows(mark.len()).any(|part| part == mark);
        if !end.is_empty() && !is_there(end.as_bytes()) {
            return Err(NotWhole::NoEnd);
        }
        let out = inner.out.take().ok_or(NotWhole::Empty)?;
        Ok((out, inner.raw))
    }
}

fn not_whole(error: io::Error) -> NotWhole {
    match failed(&error) {
        Some(failed) => NotWhole::Encrypt(failed.clone()),
        None => NotWhole::Io(error),
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
    Plain(End),
    Packed(Box<Encoder<'static, End>>),
}

/// Where it ends up.
enum End {
    File(Counted),
    Command(Encrypting),
    /// The last of it, which is not written before one can wait for it.
    Last(Encrypting, Vec<u8>),
    /// It has been asked for its end.
    Nowhere,
}

impl Out {
    async fn finish(self) -> io::Result<Counted> {
        let encoder = match self {
            Self::Plain(end) => return end.end().await,
            Self::Packed(encoder) => encoder,
        };
        let (end, packed) = finished(encoder);
        match (end.end().await, packed) {
            (Ok(counted), Ok(())) => Ok(counted),
            // A command that does not read any more says why.
            (Err(error), _) | (Ok(_), Err(error)) => Err(error),
        }
    }
}

fn finished(mut encoder: Box<Encoder<'static, End>>) -> (End, io::Result<()>) {
    let end = std::mem::replace(encoder.get_mut(), End::Nowhere);
    *encoder.get_mut() = match end {
        End::Command(encrypting) => End::Last(encrypting, Vec::new()),
        other => other,
    };
    let packed = encoder.do_finish();
    (std::mem::replace(encoder.get_mut(), End::Nowhere), packed)
}

impl End {
    async fn end(self) -> io::Result<Counted> {
        match self {
            Self::File(counted) => Ok(counted),
            Self::Command(encrypting) => encrypting.finish(Vec::new()).await,
            Self::Last(encrypting, last) => encrypting.finish(last).await,
            Self::Nowhere => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
}

impl Write for End {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(counted) => counted.write(bytes),
            Self::Command(encrypting) => encrypting.write(bytes),
            Self::Last(_, last) => last.write(bytes),
            Self::Nowhere => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Handle(Arc<Mutex<Inner>>);

impl Write for Handle {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = match &mut inner.out {
            Some(Out::Plain(end)) => end.write(bytes)?,
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
    use std::time::Duration;

    use super::*;
    use crate::digest::digest;
    use crate::engine::Ran;
    use crate::ports::{Filter, Filtering, Say, Silent, Through};
    use crate::stack::{Consistency, Copy, Hook, Way};
    use crate::store::DiskStore;

    /// Turns bits over: twice is back again.
    struct Turning;

    struct Turned(Box<dyn Write + Send>);

    impl Write for Turned {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.write_all(&bytes.iter().map(|byte| !byte).collect::<Vec<_>>())?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[async_trait::async_trait]
    impl Filter for Turned {
        async fn end(mut self: Box<Self>, last: Vec<u8>) -> io::Result<()> {
            self.write_all(&last)
        }
    }

    #[async_trait::async_trait]
    impl HostCommands for Turning {
        async fn run(&self, _: &Path, _: &Hook, _: Say<'_>) -> io::Result<Ran> {
            Err(io::ErrorKind::Unsupported.into())
        }

        fn filter(
            &self,
            _: &Path,
            _: &[String],
            out: Box<dyn Write + Send>,
        ) -> io::Result<Filtering> {
            Ok(Filtering { command: Box::new(Turned(out)), stop: Stop::new(|| ()) })
        }

        fn through(&self, _: &Path, _: &[String], _: Box<dyn Read + Send>) -> io::Result<Through> {
            Err(io::ErrorKind::Unsupported.into())
        }

        async fn try_through(
            &self,
            _: &Path,
            _: &[String],
            _: Box<dyn Read + Send>,
        ) -> io::Result<()> {
            Err(io::ErrorKind::Unsupported.into())
        }

        async fn end(&self, _: &[String]) -> io::Result<()> {
            Ok(())
        }
    }

    async fn saved(
        compress: bool,
        encrypt: bool,
        parts: &[&[u8]],
        end: &str,
    ) -> (tempfile::TempDir, Result<Written, NotWhole>) {
        let dir = tempfile::tempdir().unwrap();
        let (source, consistency) = ("rows".to_owned(), Consistency::None);
        let copy = Copy { source, volume: true, consistency, compress };
        let words = || vec!["turn".to_owned()];
        let encrypt = encrypt.then(|| Encrypt {
            command: words(),
            decrypt: words(),
            suffix: "enc".to_owned(),
        });
        let set = DataSet {
            name: "rows".to_owned(),
            way: Way::Copy(copy),
            keep_last: None,
            max_size: None,
            restores: false,
            writers: Vec::new(),
            timeout: Duration::from_secs(1),
            encrypt,
        };
        let commands: (&dyn HostCommands, _) = (&Turning, dir.path());
        let tools = Tools { store: &DiskStore, commands, reporter: Arc::new(Silent) };
        let saving = Saving::start(dir.path(), &set, tools).unwrap();
        let mut writer = saving.writer();
        parts.iter().for_each(|part| writer.write_all(part).unwrap());
        let done = saving.finish(&dir.path().join("file"), end).await;
        (dir, done)
    }

    #[tokio::test]
    async fn what_is_whole_has_its_name_its_digest_and_its_content() {
        for (compress, encrypt) in [(false, false), (true, false), (false, true), (true, true)] {
            let parts: [&[u8]; 2] = [b"rows\n", b"-- Dump completed on x\n"];
            let (dir, done) = saved(compress, encrypt, &parts, "-- Dump completed").await;
            let (written, mut bytes) =
                (done.unwrap(), std::fs::read(dir.path().join("file")).unwrap());
            assert_eq!((written.size, written.raw), (bytes.len() as u64, 28));
            assert_eq!(written.digest, digest(&bytes));
            if encrypt {
                bytes.iter_mut().for_each(|byte| *byte = !*byte);
            }
            let mut content = Vec::new();
            match compress {
                true => drop(zstd::Decoder::new(&bytes[..]).unwrap().read_to_end(&mut content)),
                false => content = bytes,
            }
            assert_eq!(content, b"rows\n-- Dump completed on x\n");
        }
    }

    #[tokio::test]
    async fn what_is_not_whole_leaves_nothing() {
        for (parts, end) in [(&[][..], ""), (&[&b"rows\n"[..]][..], "-- Dump completed")] {
            let (dir, done) = saved(true, true, parts, end).await;
            assert!(matches!(done, Err(NotWhole::Empty | NotWhole::NoEnd)));
            assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        }
    }
}
