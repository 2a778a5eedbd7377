//! From a command line to an exit code: 0 done, 1 failed, 2 not understood.

use super::arguments::{Command, USAGE, parse};
use super::{ctl, healthcheck, receive};
use crate::state::Folder;
use crate::{supervisor, worker};
use std::io::{self, Write};
use std::process::ExitCode;

/// Runs the program.
#[must_use]
pub fn run(words: Vec<String>) -> ExitCode {
    let command = match parse(words) {
        Ok(command) => command,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let done = match command {
        Command::Serve(settings) => return supervisor::serve(settings),
        Command::Worker => return worker::run(),
        Command::Adopt => return supervisor::adopt(),
        Command::Ctl { state } => ctl::run(&Folder::new(state)),
        Command::Healthcheck { state } => healthcheck::run(&Folder::new(state)),
        Command::Receive { state, name, bytes } => receive::run(&Folder::new(state), &name, bytes),
        Command::Version => writeln!(io::stdout(), "{}", env!("CARGO_PKG_VERSION")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}
