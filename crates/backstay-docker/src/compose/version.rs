//! Which Compose this is.

use std::process::Stdio;

use backstay_core::engine::{EngineError, EngineErrorKind, EngineResult};
use tokio::process::Command;

use super::output::last_words;
use super::program::Program;
use crate::connection::not_started;

/// The oldest Compose whose flags are those used here.
const OLDEST: (u32, u32) = (2, 20);

const ACTION: &str = "asking Compose for its version";

/// The version of Compose. Fails where there is none or an old one.
pub(crate) async fn version() -> EngineResult<String> {
    let program = Program::find().ok_or_else(|| {
        EngineError::new(EngineErrorKind::NotInstalled, ACTION, "there is no `docker` program")
    })?;
    let output = Command::new(&program.path)
        .args(&program.arguments)
        .args(["version", "--short"])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| not_started(ACTION, &error))?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if !output.status.success() || text.is_empty() {
        let message = last_words(&String::from_utf8_lossy(&output.stderr));
        return Err(EngineError::new(EngineErrorKind::ComposeMissing, ACTION, message));
    }
    check(&text)?;
    Ok(text)
}

fn check(text: &str) -> EngineResult<()> {
    let mut numbers = text.trim_start_matches('v').split(['.', '-', '+']);
    let mut number = || numbers.next().and_then(|part| part.parse().ok()).unwrap_or(0);
    if (number(), number()) >= OLDEST {
        return Ok(());
    }
    let message =
        format!("Compose {text} is installed; {}.{} or newer is needed", OLDEST.0, OLDEST.1);
    Err(EngineError::new(EngineErrorKind::ComposeTooOld, ACTION, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_versions_are_refused() {
        for good in ["2.20.0", "v2.26.1", "2.26.1-4", "2.29.1-desktop.1", "5.0.1", "2.100"] {
            assert!(check(good).is_ok(), "{good}");
        }
        for old in ["1.29.2", "2.19.9", "v2.5.0", "dev"] {
            assert_eq!(check(old).unwrap_err().kind, EngineErrorKind::ComposeTooOld, "{old}");
        }
    }
}
