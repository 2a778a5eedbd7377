//! `docker compose build`, to tags that belong to the run alone.

use std::collections::BTreeMap;

use backstay_core::event::OutputSource;
use backstay_core::ports::{BuildRequest, EngineError, EngineErrorKind, EngineResult, Reporter};
use serde_json::{Value, json};

use super::command::Compose;
use super::output::last_words;
use super::stream::{Streamed, stream};
use crate::error::{from_io, kind_of};
use crate::scratch::Scratch;

const ACTION: &str = "building images";

/// How BuildKit begins the name of a step that failed.
const STEP: &str = " > [";

/// How many lines of a failing build step are told.
const STEP_LINES: usize = 20;

/// Builds services so that only the request's own tags move.
pub(crate) async fn build(request: &BuildRequest<'_>, reporter: &dyn Reporter) -> EngineResult<()> {
    if request.tags.is_empty() {
        return Ok(());
    }
    let scratch = Scratch::new().map_err(|error| from_io(ACTION, &error))?;
    let text = override_text(request.tags);
    let file = scratch.write("build.yaml", &text).map_err(|error| from_io(ACTION, &error))?;
    let options = [("--no-cache", request.no_cache), ("--pull", request.pull)];
    let command = Compose::new(request.stack)
        .overridden_by(&file)
        .flags(["--progress", "plain"])
        .run(["build"])
        .run(options.iter().filter(|(_, wanted)| *wanted).map(|(flag, _)| *flag))
        .run(request.tags.keys())
        .command(ACTION)?;
    let Streamed { success, stdout, stderr } =
        stream(command, ACTION, OutputSource::Build, reporter).await?;
    if success { Ok(()) } else { Err(failure(request, &stdout, &stderr)) }
}

/// `!reset` takes the stack's further tags away, so that no tag but the given one moves.
fn override_text(tags: &BTreeMap<String, String>) -> String {
    let mut text = "services:\n".to_owned();
    for (service, tag) in tags {
        let (service, tag): (Value, Value) = (json!(service), json!(tag));
        text.push_str(&format!(
            "  {service}:\n    image: {tag}\n    build:\n      tags: !reset []\n"
        ));
    }
    text
}

fn failure(request: &BuildRequest<'_>, stdout: &[String], stderr: &[String]) -> EngineError {
    let mut parts = failed_step(stdout.iter().chain(stderr));
    if !parts.iter().any(|part| part.starts_with(STEP)) {
        parts.splice(0..0, named_step(stdout.iter().chain(stderr)));
    }
    let words = last_words(&stderr.join("\n"));
    for line in words.lines().filter(|line| !line.starts_with('#')) {
        if !parts.iter().any(|part| part == line) {
            parts.push(line.to_owned());
        }
    }
    let mut message = parts.join("\n");
    if let (1, Some(service)) = (request.tags.len(), request.tags.keys().next())
        && !message.contains(service.as_str())
    {
        message = format!("service `{service}`: {message}");
    }
    let kind = match kind_of(&message) {
        Some(kind @ (EngineErrorKind::DiskFull | EngineErrorKind::NotRunning)) => kind,
        _ => EngineErrorKind::Build,
    };
    EngineError::new(kind, ACTION, message)
}

/// What BuildKit prints of the step that failed, between two rules: ` > [web 2/3] RUN make:` and its last output.
fn failed_step<'a>(lines: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut step = Vec::new();
    let mut inside = false;
    for line in lines {
        if line.trim() == "------" {
            if inside && !step.is_empty() {
                break;
            }
            inside = true;
        } else if inside {
            step.push(line.trim_end().to_owned());
        }
    }
    let from = step.len().saturating_sub(STEP_LINES);
    if from > 0 {
        // The first line names service and step.
        step.drain(1..=from.min(step.len() - 1));
    }
    step
}

/// The step that `#9 ERROR:` is about, in the form of the other: BuildKit prints no summary where a Dockerfile can't be
/// read, and of several services only this tells which one it was.
fn named_step<'a>(lines: impl Iterator<Item = &'a String>) -> Option<String> {
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for line in lines {
        let Some((number, rest)) = line.strip_prefix('#').and_then(|line| line.split_once(' '))
        else {
            continue;
        };
        if rest.starts_with('[') {
            names.insert(number, rest);
        } else if let (true, Some(name)) = (rest.starts_with("ERROR"), names.get(number)) {
            return Some(format!(" > {name}:"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn the_override_takes_all_tags_but_its_own_away() {
        let tags = [("web".to_owned(), "backstay/shop/web:1".to_owned())].into();
        assert_eq!(
            override_text(&tags),
            "services:\n  \"web\":\n    image: \"backstay/shop/web:1\"\n    build:\n      tags: !reset []\n"
        );
    }

    #[test]
    fn a_failed_build_says_which_step_of_which_service() {
        let stack = backstay_core::stack::StackRef::default();
        let tags = BTreeMap::from([
            ("web".to_owned(), "x".to_owned()),
            ("api".to_owned(), "y".to_owned()),
        ]);
        let request = BuildRequest { stack: &stack, tags: &tags, no_cache: false, pull: false };
        let stdout = lines(
            "#9 [web 1/1] COPY nope /nope\n#9 ERROR: \"/nope\": not found\n------\n > [web 1/1] COPY nope /nope:\n------",
        );
        let stderr = lines("failed to solve: \"/nope\": not found");
        let error = failure(&request, &stdout, &stderr);
        assert_eq!(error.kind, EngineErrorKind::Build);
        assert_eq!(
            error.message,
            " > [web 1/1] COPY nope /nope:\nfailed to solve: \"/nope\": not found"
        );
    }

    #[test]
    fn a_dockerfile_that_cannot_be_read_is_a_services() {
        let stack = backstay_core::stack::StackRef::default();
        let tags = BTreeMap::from([("web".into(), "x".into()), ("api".into(), "y".into())]);
        let request = BuildRequest { stack: &stack, tags: &tags, no_cache: false, pull: false };
        let stdout = lines(
            "#1 [api internal] load build definition from Dockerfile\n#2 [web internal] load build definition from nope\n#1 DONE 0.0s\n#2 ERROR: open nope: no such file",
        );
        let error =
            failure(&request, &stdout, &lines("failed to solve: failed to read dockerfile"));
        assert_eq!(
            error.message,
            " > [web internal] load build definition from nope:\nfailed to solve: failed to read dockerfile"
        );
    }

    #[test]
    fn a_failure_without_a_step_names_the_only_service() {
        let stack = backstay_core::stack::StackRef::default();
        let tags = BTreeMap::from([("web".to_owned(), "x".to_owned())]);
        let request = BuildRequest { stack: &stack, tags: &tags, no_cache: false, pull: false };
        let error = failure(&request, &[], &lines("failed to read dockerfile"));
        assert_eq!(error.message, "service `web`: failed to read dockerfile");
    }
}
