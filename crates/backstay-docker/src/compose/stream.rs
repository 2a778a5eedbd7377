//! A call of Compose whose output is shown line by line while it runs.

use std::collections::VecDeque;

use backstay_core::engine::EngineResult;
use backstay_core::event::{Event, OutputSource};
use backstay_core::ports::Reporter;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Command;

use super::output::plain;
use crate::connection::not_started;
use crate::error::from_io;

/// How many lines are kept for an error.
const KEPT: usize = 200;

/// What a call said.
pub(crate) struct Streamed {
    pub(crate) success: bool,
    pub(crate) stdout: Vec<String>,
    pub(crate) stderr: Vec<String>,
}

/// Runs a command and reports each line of both of its streams.
pub(crate) async fn stream(
    mut command: Command,
    action: &str,
    from: OutputSource,
    reporter: &dyn Reporter,
) -> EngineResult<Streamed> {
    let mut child = command.spawn().map_err(|error| not_started(action, &error))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let report = |line: &str| reporter.report(&Event::Output { from, line: line.to_owned() });
    let (stdout, stderr, status) =
        tokio::join!(lines(stdout, &report), lines(stderr, &report), child.wait());
    let status = status.map_err(|error| from_io(action, &error))?;
    Ok(Streamed { success: status.success(), stdout, stderr })
}

/// Reads lines; a carriage return ends one as well. The last ones are returned.
async fn lines(pipe: Option<impl AsyncRead + Unpin>, report: &impl Fn(&str)) -> Vec<String> {
    let mut kept = VecDeque::new();
    let Some(pipe) = pipe else { return Vec::new() };
    let mut reader = BufReader::new(pipe);
    let mut bytes = Vec::new();
    // A pipe that breaks ends the output; the exit status tells the rest.
    while let Ok(1..) = reader.read_until(b'\n', &mut bytes).await {
        let text = String::from_utf8_lossy(&bytes);
        for part in text.split(['\n', '\r']).map(plain).filter(|part| !part.trim().is_empty()) {
            report(&part);
            if kept.len() == KEPT {
                kept.pop_front();
            }
            kept.push_back(part);
        }
        bytes.clear();
    }
    kept.into()
}
