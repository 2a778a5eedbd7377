//! The test programs, built once and run on each engine.

use super::outcome::Outcome;
use crate::beside::Seat;
use crate::failure::{Failure, Result};
use crate::{cargo, nginx, shell, ui};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A test program and its package's folder, in which Cargo would start it.
#[derive(Debug)]
pub(super) struct Program {
    path: PathBuf,
    folder: PathBuf,
}

/// Builds the test `name` of a package.
pub(super) fn build(package: &str, name: &str) -> Result<Program> {
    let arguments = ["test", "--package", package, "--test", name, "--no-run", "--quiet"];
    let text = shell::capture(cargo::cargo(&arguments).arg("--message-format=json"))?;
    let found =
        text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).find(|m| {
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
        server: &Path,
        wanted: &[&str],
        left_out: &[&str],
    ) -> Result<Outcome> {
        let mut command = Command::new(&self.path);
        command.args(["--test-threads", "2"]).args(wanted).current_dir(&self.folder);
        command.args(left_out.iter().flat_map(|name| ["--skip", name]));
        command.env("BACKSTAY_E2E", "1").env("BACKSTAY_DEMO_SERVER", server);
        nginx::tell(&mut command);
        let mut command = seat.within(&command);
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| Failure::new(format!("can't run {}: {e}", self.path.display())))?;
        let mut text = String::new();
        let output = child.stdout.take().map(BufReader::new);
        for line in output.into_iter().flat_map(|output| output.lines().map_while(|line| line.ok()))
        {
            ui::quote(&line);
            text.push_str(&line);
            text.push('\n');
        }
        child.wait().map_err(|e| Failure::new(e.to_string()))?;
        if !text.contains("test result: ") {
            return Err(Failure::new(format!("{} has ended early", self.path.display())));
        }
        Ok(Outcome::read(&text))
    }
}
