//! A worker that nobody connects to: it writes down that it works, again and again.

use super::settings::{Settings, hostname};
use super::signals;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const FILE: &str = "/data/work";
const PAUSE: Duration = Duration::from_millis(100);

/// A line `<version> <container> <milliseconds>` for each turn, until it is asked to end.
pub(super) fn work(settings: &Settings) -> io::Result<()> {
    let ended = signals::ended()?;
    let mut file = OpenOptions::new().create(true).append(true).open(FILE)?;
    while !ended.load(Ordering::Relaxed) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        file.write_all(format!("{} {} {now}\n", settings.version, hostname()).as_bytes())?;
        thread::sleep(PAUSE);
    }
    Ok(())
}
