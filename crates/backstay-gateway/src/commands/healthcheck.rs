//! Whether the gateway answers, for the engine.

use super::ctl;
use crate::state::Folder;
use backstay_routes::{Answer, Reply};
use std::io::{self, BufRead, BufReader, Write};
use std::time::Duration;

/// How long it has.
const PATIENCE: Duration = Duration::from_secs(3);

/// Asks it.
pub(super) fn run(folder: &Folder) -> io::Result<()> {
    let mut stream = ctl::connect(folder)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(b"{\"op\":\"ping\"}\n")?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    match serde_json::from_str::<Reply>(&line).map(|reply| reply.answer) {
        Ok(Answer::Pong { .. }) => Ok(()),
        _ => Err(io::Error::other(format!("the gateway answers `{}`", line.trim()))),
    }
}
