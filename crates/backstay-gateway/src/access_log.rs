//! A line of JSON for each request on standard output, while somebody wants them.

use serde::Serialize;
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Mutex, PoisonError};

/// As many lines wait for a slow reader; then lines are lost rather than requests delayed.
const WAITING: usize = 4096;

/// The log.
#[derive(Debug, Default)]
pub(crate) struct AccessLog {
    on: AtomicBool,
    lost: AtomicU64,
    lines: Mutex<Option<SyncSender<Vec<u8>>>>,
}

/// A request or a stream that has ended.
#[derive(Debug, Serialize)]
pub(crate) struct Entry<'a> {
    /// Milliseconds since 1970.
    pub at_ms: u64,
    pub client: String,
    pub port: u16,
    pub service: &'a str,
    pub target: &'a str,
    pub release: &'a str,
    pub method: &'a str,
    pub path: &'a str,
    pub status: u16,
    pub took_us: u64,
}

impl AccessLog {
    pub(crate) fn is_on(&self) -> bool {
        self.on.load(Relaxed)
    }

    /// Begins or ends. The writer has a thread of its own, because standard output can block.
    pub(crate) fn turn(&self, on: bool) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if on && lines.is_none() {
            let (sender, receiver) = sync_channel(WAITING);
            let writer = std::thread::Builder::new().name("access-log".into());
            if writer.spawn(move || write(&receiver)).is_ok() {
                *lines = Some(sender);
            }
        }
        if !on {
            *lines = None;
        }
        self.on.store(on && lines.is_some(), Relaxed);
    }

    pub(crate) fn write(&self, entry: &Entry<'_>) {
        let Ok(mut line) = serde_json::to_vec(entry) else { return };
        line.push(b'\n');
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = &*lines
            && let Err(TrySendError::Full(_)) = sender.try_send(line)
        {
            self.lost.fetch_add(1, Relaxed);
        }
    }

    /// Lines that nobody has read in time.
    pub(crate) fn lost(&self) -> u64 {
        self.lost.load(Relaxed)
    }
}

fn write(lines: &Receiver<Vec<u8>>) {
    while let Ok(mut line) = lines.recv() {
        while let Ok(more) = lines.try_recv() {
            line.extend_from_slice(&more);
        }
        let _ = std::io::stdout().lock().write_all(&line);
    }
}
