//! The journal: a run's events, on disk before their effects.
//!
//! One JSON object a line; `docs/journal-format.md` is its specification. A record is complete when its line ends and its
//! checksum matches. The last line may be torn by a crash and is then ignored; any other damage is an error.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::digest::digest;
use crate::error::{Error, Result};
use crate::event::Event;
use crate::store::Store;
use crate::store::own_file;

/// The newest format that is known here.
pub const VERSION: u64 = 2;

const SUM: &str = ",\"sum\":\"";

/// A record, as it is read back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The format's version.
    pub v: u64,
    /// Its number in the journal, from 0.
    pub seq: u64,
    /// When it was written, RFC 3339. Clocks may jump: the order is `seq`.
    pub at: String,
    /// What happened.
    pub event: Event,
}

/// A journal that is open for appending.
pub struct Journal {
    path: PathBuf,
    store: Arc<dyn Store>,
    next: u64,
    /// How many bytes the complete records fill.
    intact: u64,
    /// Whether a failed write may have left bytes behind them.
    is_torn: bool,
}

impl Journal {
    /// Starts a journal. Nothing is written until the first record.
    #[must_use]
    pub const fn create(path: PathBuf, store: Arc<dyn Store>) -> Self {
        Self { path, store, next: 0, intact: 0, is_torn: false }
    }

    /// Opens a journal with what it holds, and cuts a torn last line off.
    ///
    /// # Errors
    /// [`Error::Journal`] for damage anywhere else, [`Error::TooNew`], [`Error::Io`].
    pub fn open(path: PathBuf, store: Arc<dyn Store>) -> Result<(Self, Vec<Record>)> {
        let (records, intact) = load(&path, &*store)?;
        Ok((Self::after(path, store, &records, intact)?, records))
    }

    /// Goes on behind records that were loaded, which fill so many bytes, and cuts a torn last line off.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(crate) fn after(
        path: PathBuf,
        store: Arc<dyn Store>,
        records: &[Record],
        intact: u64,
    ) -> Result<Self> {
        let len = store
            .metadata(&path)
            .map_err(|e| Error::io("reading", &path, e))?
            .map_or(0, |found| found.len);
        if len > intact {
            store.truncate(&path, intact).map_err(|e| Error::io("repairing", &path, e))?;
        }
        let next = records.len() as u64;
        Ok(Self { path, store, next, intact, is_torn: false })
    }

    /// Appends a record and waits until it is on disk.
    ///
    /// # Errors
    /// [`Error::Io`]: the effect that the record announces must then not happen.
    pub fn append(&mut self, at: String, event: Event) -> Result<()> {
        let record = Record { v: VERSION, seq: self.next, at, event };
        let line = encode(&record).map_err(|e| Error::io("writing", &self.path, e))?;
        let io = |e| Error::io("writing", &self.path, e);
        if self.is_torn {
            self.cut().map_err(io)?;
            self.is_torn = false;
        }
        if let Err(error) = self.store.append(&self.path, line.as_bytes()) {
            self.is_torn = self.cut().is_err();
            return Err(io(error));
        }
        self.next += 1;
        self.intact += line.len() as u64;
        Ok(())
    }

    /// Whether it is not known what the disk holds: a write failed, and so did cutting it off.
    #[must_use]
    pub const fn is_uncertain(&self) -> bool {
        self.is_torn
    }

    /// Cuts off what a failed write left: a record after it would make all of the journal unreadable.
    fn cut(&self) -> std::io::Result<()> {
        match self.store.metadata(&self.path)? {
            Some(found) if found.len > self.intact => self.store.truncate(&self.path, self.intact),
            _ => Ok(()),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Reads a journal: its records, and how many bytes they fill. A torn last line is left out.
///
/// # Errors
/// [`Error::Journal`] for damage anywhere else, [`Error::Damaged`] where it is no file, [`Error::TooNew`], [`Error::Io`].
pub fn load(path: &Path, store: &dyn Store) -> Result<(Vec<Record>, u64)> {
    parse(path, &own_file(path, store)?)
}

/// Reads a journal's bytes, as [`load`] does. `path` is only named in errors.
///
/// # Errors
/// [`Error::Journal`], [`Error::TooNew`].
pub fn parse(path: &Path, bytes: &[u8]) -> Result<(Vec<Record>, u64)> {
    let mut records = Vec::new();
    let mut intact = 0;
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    for (index, line) in lines.iter().enumerate() {
        match decode(path, line, index) {
            Ok(record) => records.push(record),
            // Only a line without its end can be one that a crash cut short.
            Err(Error::Journal { .. }) if index + 1 == lines.len() && !line.ends_with(b"\n") => {
                break;
            }
            Err(error) => return Err(error),
        }
        intact += line.len() as u64;
    }
    Ok((records, intact))
}

fn encode(record: &Record) -> std::io::Result<String> {
    let mut line = serde_json::to_string(record)?;
    line.pop();
    let sum = digest(line.as_bytes());
    Ok(format!("{line}{SUM}{}\"}}\n", &sum[7..23]))
}

fn decode(path: &Path, line: &[u8], index: usize) -> Result<Record> {
    let damaged = |problem: &str| Error::Journal {
        file: path.to_owned(),
        line: index + 1,
        problem: problem.to_owned(),
    };
    let text = std::str::from_utf8(line).map_err(|_| damaged("it is not UTF-8"))?;
    let text = text.strip_suffix('\n').ok_or_else(|| damaged("it has no end"))?;
    let (body, sum) = text.rsplit_once(SUM).ok_or_else(|| damaged("it has no checksum"))?;
    if sum.strip_suffix("\"}") != Some(&digest(body.as_bytes())[7..23]) {
        return Err(damaged("its checksum does not match"));
    }
    let value: serde_json::Value =
        serde_json::from_str(&format!("{body}}}")).map_err(|error| damaged(&error.to_string()))?;
    let version = value.get("v").and_then(serde_json::Value::as_u64).unwrap_or(0);
    if version > VERSION {
        return Err(Error::TooNew { file: path.to_owned(), found: version, known: VERSION });
    }
    let record: Record =
        serde_json::from_value(value).map_err(|error| damaged(&error.to_string()))?;
    if record.seq != index as u64 {
        return Err(damaged(&format!("it is record {}, not {index}", record.seq)));
    }
    Ok(record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Outcome, RunKind};
    use crate::store::DiskStore;

    fn written(dir: &Path) -> PathBuf {
        let path = dir.join("run.jsonl");
        let mut journal = Journal::create(path.clone(), Arc::new(DiskStore));
        let started = Event::RunStarted {
            run: "r".into(),
            kind: RunKind::Deploy,
            project: "p\n".into(),
            directory: None,
            pid: 1,
            target: None,
            previous: None,
        };
        for event in [
            started,
            Event::StepFinished { index: 0 },
            Event::Finished { outcome: Outcome::RolledBack },
        ] {
            journal.append("2026-01-01T00:00:00Z".into(), event).unwrap();
        }
        path
    }

    #[test]
    fn cut_anywhere_it_gives_back_the_records_before_the_cut() {
        let dir = tempfile::tempdir().unwrap();
        let path = written(dir.path());
        let whole = std::fs::read(&path).unwrap();
        let ends: Vec<usize> = whole
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == b'\n')
            .map(|(at, _)| at + 1)
            .collect();
        assert_eq!(ends.len(), 3);
        for cut in 0..=whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let complete = ends.iter().filter(|end| **end <= cut).count();
            let (mut journal, records) = Journal::open(path.clone(), Arc::new(DiskStore)).unwrap();
            assert_eq!(records.len(), complete, "cut at {cut}");
            journal.append("x".into(), Event::StepFinished { index: 9 }).unwrap();
            assert_eq!(load(&path, &DiskStore).unwrap().0.len(), complete + 1, "cut at {cut}");
        }
    }

    #[test]
    fn a_flipped_bit_is_found_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = written(dir.path());
        let whole = std::fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            std::fs::write(&path, &bytes).unwrap();
            let line = whole[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
            // The very last byte is the end of the line: without it, the line is torn.
            if at + 1 == whole.len() {
                assert_eq!(load(&path, &DiskStore).unwrap().0.len(), 2);
                continue;
            }
            match load(&path, &DiskStore) {
                Err(Error::Journal { line: found, .. }) => assert_eq!(found, line, "byte {at}"),
                other => panic!("byte {at}: {other:?}"),
            }
        }
    }

    fn with_records(dir: &Path, records: &[(u64, u64)]) -> PathBuf {
        let path = dir.join("run.jsonl");
        let lines = records.iter().map(|(v, seq)| {
            let event = Event::StepFinished { index: 0 };
            encode(&Record { v: *v, seq: *seq, at: "x".into(), event }).unwrap()
        });
        std::fs::write(&path, lines.collect::<String>()).unwrap();
        path
    }

    #[test]
    fn a_record_that_is_missing_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let path = with_records(dir.path(), &[(VERSION, 0), (VERSION, 2)]);
        assert!(matches!(load(&path, &DiskStore), Err(Error::Journal { line: 2, .. })));
    }

    #[test]
    fn a_newer_format_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = with_records(dir.path(), &[(VERSION, 0), (VERSION + 1, 1)]);
        let found = VERSION + 1;
        assert!(
            matches!(load(&path, &DiskStore), Err(Error::TooNew { found: f, .. }) if f == found)
        );
    }
}
