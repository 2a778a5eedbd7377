//! The test programs, built once and run on each engine.

use super::outcome::Outcome;
use crate::beside::Seat;
use crate::failure::{Failure, Result};
use crate::{cargo, served, shell, ui};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// For how long no test may end. No test takes as long by itself.
const SILENCE: Duration = Duration::from_secs(600);

/// A test program and its package's folder, in which Cargo would start it.
#[derive(Debug)]
pub(super) struct Program {
    path: PathBuf,
    folder: PathBuf,
}

/// Builds these tests of these packages; together, as what they share is then built once.
pub(super) fn build(packages: &[&str], names: [&str; 2]) -> Result<[Program; 2]> {
    let mut command = cargo::cargo(&["test", "--no-run", "--quiet", "--message-format=json"]);
    command.args(packages.iter().flat_map(|package| ["--package", package]));
    command.args(names.iter().flat_map(|name| ["--test", name]));
    let text = shell::capture(&mut command)?;
    let messages = text.lines().filter_map(|line| serde_json::from_str(line).ok());
    let messages: Vec<Value> = messages.collect();
    let [first, second] = names.map(|name| program(&messages, name));
    Ok([first?, second?])
}

/// What Cargo said that it built for a test.
fn program(messages: &[Value], name: &str) -> Result<Program> {
    let found = messages.iter().find(|m| {
        m["reason"] == "compiler-artifact"
            && m["target"]["name"] == name
            && m["profile"]["test"] == true
    });
    let found = found.ok_or_else(|| Failure::new(format!("Cargo names no test program {name}")))?;
    let path = |value: &Value| value.as_str().map(PathBuf::from);
    let folder = path(&found["manifest_path"]).and_then(|path| path.parent().map(Path::to_owned));
    match (path(&found["executable"]), folder) {
        (Some(path), Some(folder)) => Ok(Program { path, folder }),
        _ => Err(Failure::new(format!("Cargo names no program for the test {name}"))),
    }
}

impl Program {
    /// Runs it on an engine, showing each line; two tests at once, which is what most machines can bear.
    ///
    /// `wanted` and `left_out` are beginnings or parts of names, as the test program takes them.
    pub(super) fn run(
        &self,
        seat: &Seat,
        [server, gateway]: [&Path; 2],
        wanted: &[&str],
        left_out: &[&str],
    ) -> Result<Outcome> {
        let mut command = Command::new(&self.path);
        command
            .args(["--include-ignored", "--test-threads", "2"])
            .args(wanted)
            .current_dir(&self.folder);
        command.args(left_out.iter().flat_map(|name| ["--skip", name]));
        command.env("BACKSTAY_E2E", "1").env("BACKSTAY_DEMO_SERVER", server);
        command.env("BACKSTAY_GATEWAY", gateway);
        served::NGINX.tell(&mut command);
        served::SERVERS.tell(&mut command);
        let mut command = seat.within(&command);
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| Failure::new(format!("can't run {}: {e}", self.path.display())))?;
        let mut text = String::new();
        let (sender, receiver) = mpsc::channel();
        let output = child.stdout.take().map(BufReader::new);
        thread::spawn(move || {
            let lines = output.into_iter().flat_map(|output| output.lines().map_while(|l| l.ok()));
            lines.for_each(|line| drop(sender.send(line)));
        });
        let ended = loop {
            match receiver.recv_timeout(SILENCE) {
                Ok(line) => {
                    ui::quote(&line);
                    text.push_str(&line);
                    text.push('\n');
                }
                Err(RecvTimeoutError::Disconnected) => break true,
                Err(RecvTimeoutError::Timeout) => break false,
            }
        };
        if !ended {
            child.kill().map_err(|e| Failure::new(e.to_string()))?;
        }
        child.wait().map_err(|e| Failure::new(e.to_string()))?;
        let outcome = Outcome::read(&text);
        if !ended {
            ui::warn(&format!(
                "nothing has ended for {} s: the rest was not run",
                SILENCE.as_secs()
            ));
            return Ok(outcome);
        }
        if !text.contains("test result: ") {
            return Err(Failure::new(format!("{} has ended early", self.path.display())));
        }
        Ok(outcome)
    }
}
