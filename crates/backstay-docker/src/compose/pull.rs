//! `docker compose pull`.

use backstay_core::engine::{EngineError, EngineErrorKind, EngineResult, PullRequest};
use backstay_core::event::OutputSource;
use backstay_core::ports::Reporter;

use serde_json::{Value, json};

use super::command::Compose;
use super::output::last_words;
use super::stream::{Streamed, stream};
use crate::error::{from_io, kind_of};
use crate::scratch::Scratch;

const ACTION: &str = "pulling images";

/// Pulls the images of services. Whether they are to be pulled has been decided, so that their own `pull_policy` is not asked
/// once more: for one of them, Compose would leave an image alone that is there.
pub(crate) async fn pull(request: &PullRequest<'_>, reporter: &dyn Reporter) -> EngineResult<()> {
    let scratch = Scratch::new().map_err(|error| from_io(ACTION, &error))?;
    let text = override_text(request.services);
    let file = scratch.write("pull.yaml", &text).map_err(|error| from_io(ACTION, &error))?;
    let command = Compose::new(request.stack)
        .overridden_by(&file)
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

fn override_text(services: &[String]) -> String {
    let mut text = "services:\n".to_owned();
    for service in services {
        let service: Value = json!(service);
        text.push_str(&format!("  {service}:\n    pull_policy: always\n"));
    }
    text
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
    fn what_is_to_be_pulled_is_pulled() {
        let text = override_text(&["web".to_owned(), "db".to_owned()]);
        let wanted =
            "services:\n  \"web\":\n    pull_policy: always\n  \"db\":\n    pull_policy: always\n";
        assert_eq!(text, wanted);
    }

    #[test]
    fn progress_is_no_reason() {
        let lines = [" m Pulling ", " 3f4c Extracting [==>  ] 1MB", " m Error no such host"];
        assert_eq!(reasons(&lines.map(str::to_owned)), "m Error no such host");
    }
}
