//! `docker compose pull`.

use backstay_core::event::OutputSource;
use backstay_core::ports::{EngineError, EngineErrorKind, EngineResult, PullRequest, Reporter};

use super::command::Compose;
use super::output::last_words;
use super::stream::{Streamed, stream};
use crate::error::kind_of;

const ACTION: &str = "pulling images";

/// Pulls the images of services, as `docker compose pull` does: a service's own `pull_policy` holds.
pub(crate) async fn pull(request: &PullRequest<'_>, reporter: &dyn Reporter) -> EngineResult<()> {
    let command = Compose::new(request.stack)
        .flags(["--progress", "plain"])
        .run(["pull"])
        .run(request.services)
        .command(ACTION)?;
    let Streamed { success, stderr, .. } =
        stream(command, ACTION, OutputSource::Pull, reporter).await?;
    if success {
        return Ok(());
    }
    let message = last_words(&reasons(&stderr));
    let kind = match kind_of(&message) {
        Some(kind @ (EngineErrorKind::DiskFull | EngineErrorKind::NotRunning)) => kind,
        _ => EngineErrorKind::Pull,
    };
    Err(EngineError::new(kind, ACTION, message))
}

/// The lines that are no progress: `web Pulling`, `3f4ca61aafcd Extracting`.
fn reasons(lines: &[String]) -> String {
    const PROGRESS: [&str; 10] = [
        "Pulling",
        "Pulled",
        "Interrupted",
        "Downloading",
        "Extracting",
        "Waiting",
        "Verifying Checksum",
        "Download complete",
        "Pull complete",
        "Pulling fs layer",
    ];
    let is_progress = |line: &&String| {
        let line = line.trim();
        PROGRESS.iter().any(|word| line.ends_with(word))
            || line.contains(" Downloading [")
            || line.contains(" Extracting [")
    };
    let kept: Vec<&str> =
        lines.iter().filter(|line| !is_progress(line)).map(|l| l.trim()).collect();
    kept.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_no_reason() {
        let lines = [" m Pulling ", " 3f4c Extracting [==>  ] 1MB", " m Error no such host"];
        assert_eq!(reasons(&lines.map(str::to_owned)), "m Error no such host");
    }
}
