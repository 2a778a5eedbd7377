//! The programs that the demo and the benchmark drive: Backstay, and plain Compose beside it.

use crate::failure::{Failure, Result};
use crate::{cargo, interrupt, shell, ui};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What deploys a stack.
#[derive(Debug, Clone)]
pub(crate) enum Tool {
    /// The program, and flags that every deploy gets.
    Backstay {
        program: PathBuf,
        flags: Vec<&'static str>,
    },
    Compose,
}

/// How one run of a tool ended.
#[derive(Debug)]
pub(crate) struct Ending {
    /// `None` where a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) took: Duration,
    /// The last lines that it printed.
    pub(crate) tail: String,
}

/// Builds Backstay as users get it, and says where it is. `BACKSTAY_PROGRAM` names another one to
/// use: an earlier release, to compare with.
pub(crate) fn build_backstay() -> Result<PathBuf> {
    if let Some(program) = std::env::var_os("BACKSTAY_PROGRAM") {
        let path = PathBuf::from(program);
        return path.canonicalize().map_err(Failure::on(&path));
    }
    ui::step("building Backstay");
    shell::run(&mut cargo::cargo(&["build", "--quiet", "--release", "-p", "backstay"]))?;
    Ok(cargo::target()?.join("release").join(format!("backstay{}", std::env::consts::EXE_SUFFIX)))
}

impl Tool {
    /// Deploys the stack in `folder`, whose name is the project's.
    pub(crate) fn deploy(&self, folder: &Path, quiet: bool) -> Result<Ending> {
        let command = match self {
            Self::Backstay { program, flags } => {
                let mut command = Command::new(program);
                command.args(["deploy", "--yes"]).args(flags);
                command
            }
            Self::Compose => {
                shell::command("docker", &["compose", "up", "-d", "--build", "--wait"])
            }
        };
        finish(command, folder, quiet)
    }

    /// Lets the gateway hold the stack's host ports. Plain Compose has none.
    pub(crate) fn enable_gateway(&self, folder: &Path, quiet: bool) -> Result<Option<Ending>> {
        let Self::Backstay { program, .. } = self else { return Ok(None) };
        ui::step("turning the gateway on");
        let mut command = Command::new(program);
        command.args(["gateway", "enable", "--yes"]);
        finish(command, folder, quiet).map(Some)
    }

    /// Brings the release before this one back. Plain Compose has no word for that: its user puts
    /// the old files back (the caller does that here) and deploys them.
    pub(crate) fn roll_back(&self, folder: &Path, quiet: bool) -> Result<Ending> {
        match self {
            Self::Backstay { program, .. } => {
                let mut command = Command::new(program);
                command.args(["rollback", "--yes"]);
                finish(command, folder, quiet)
            }
            Self::Compose => self.deploy(folder, quiet),
        }
    }
}

fn finish(mut command: Command, folder: &Path, quiet: bool) -> Result<Ending> {
    let (reader, writer) = std::io::pipe().map_err(|e| Failure::new(e.to_string()))?;
    let errors = writer.try_clone().map_err(|e| Failure::new(e.to_string()))?;
    let name = command.get_program().to_string_lossy().into_owned();
    // Beside the folder, and gone with it.
    command.env("BACKSTAY_STATE", folder.with_extension("state"));
    command.current_dir(folder).stdin(Stdio::null()).stdout(writer).stderr(errors);
    let began = Instant::now();
    let child = command.spawn();
    // The command holds this side's writing ends: the reader would never see the end of them.
    drop(command);
    let mut child = child.map_err(|e| Failure::new(format!("can't run `{name}`: {e}")))?;
    let shown = thread::spawn(move || show(reader, quiet));
    let status = interrupt::wait(&mut child)?;
    let took = began.elapsed();
    let text = shown.join().unwrap_or_default();
    interrupt::check()?;
    Ok(Ending { code: status.code(), took, tail: shell::tail(&text) })
}

/// Reads to the end; shows each line as it comes.
fn show(pipe: impl Read, quiet: bool) -> String {
    let mut text = String::new();
    // A line that is no text is left out; what follows it is still read, or the writer would block.
    for line in BufReader::new(pipe).lines().map_while(|line| match line {
        Err(e) if e.kind() != std::io::ErrorKind::InvalidData => None,
        line => Some(line.unwrap_or_default()),
    }) {
        if !quiet {
            ui::quote(&line);
        }
        text.push_str(&line);
        text.push('\n');
    }
    text
}
