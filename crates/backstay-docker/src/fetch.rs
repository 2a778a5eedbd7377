//! Pulling an image by its digest. The docker CLI does it: it knows the user's credentials and credential helpers.

use std::process::Stdio;

use backstay_core::engine::{EngineError, EngineErrorKind, EngineResult};
use tokio::process::Command;

use crate::compose::{Program, last_words};
use crate::connection::not_started;

/// Pulls it.
pub(crate) async fn fetch(reference: &str) -> EngineResult<()> {
    let action = format!("pulling `{reference}`");
    let missing = || {
        let message = "`docker` is not installed";
        EngineError::new(EngineErrorKind::NotInstalled, &action, message)
    };
    let program = Program::docker().ok_or_else(missing)?;
    let mut command = Command::new(&program.path);
    command.args(["pull", "--quiet", reference]).stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.map_err(|error| not_started(&action, &error))?;
    if output.status.success() {
        return Ok(());
    }
    let message = last_words(&String::from_utf8_lossy(&output.stderr));
    Err(EngineError::new(EngineErrorKind::Pull, action, message))
}
