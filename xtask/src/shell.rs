//! Running other programs: with their output let through, or caught.

use crate::failure::{Failure, Result};
use std::ffi::OsStr;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Lines of a failed program's output that are shown.
const TAIL: usize = 20;

/// A command without a terminal to ask questions on.
pub(crate) fn command<A: AsRef<OsStr>>(program: &str, arguments: &[A]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    command
}

/// Runs with the output let through.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|e| unstartable(command, &e))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!("`{}` failed ({status})", line(command))))
}

/// The same command for the time that others leave, with its output in a file.
pub(crate) fn behind(first: &Command, log: &Path) -> Result<Command> {
    let mut command = Command::new(first.get_program());
    if cfg!(unix) {
        command = Command::new("nice");
        command.args(["-n", "19"]).arg(first.get_program());
    }
    command.args(first.get_args()).stdin(Stdio::null());
    first.get_current_dir().map(|folder| command.current_dir(folder));
    for (name, value) in first.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let file = File::create(log).map_err(Failure::on(log))?;
    let errors = file.try_clone().map_err(Failure::on(log))?;
    command.stdout(file).stderr(errors);
    Ok(command)
}

/// Runs silently; what it printed is shown only if it fails.
pub(crate) fn run_quietly(command: &mut Command) -> Result<()> {
    capture(command).map(drop)
}

/// What it printed on stdout, trimmed.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let output = output(command)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
    said.push_str(&String::from_utf8_lossy(&output.stderr));
    let what = format!("`{}` failed ({})\n{}", line(command), output.status, tail(&said));
    Err(Failure::new(what.trim_end()))
}

/// Runs silently, whatever the end.
pub(crate) fn output(command: &mut Command) -> Result<Output> {
    command.output().map_err(|e| unstartable(command, &e))
}

/// Whether a program of that name can be started here.
pub(crate) fn exists(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&path).any(|folder| folder.join(&name).is_file())
}

/// The last lines of a text, where the reason usually is.
pub(crate) fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(TAIL)..].join("\n")
}

fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

fn unstartable(command: &Command, error: &std::io::Error) -> Failure {
    Failure::new(format!("can't run `{}`: {error}", line(command)))
}
