//! `docker compose build`, to tags that belong to the run alone.

use std::collections::BTreeMap;

use backstay_core::engine::{
    BuildRequest, BuildTarget, EngineError, EngineErrorKind, EngineResult,
};
use backstay_core::event::OutputSource;
use backstay_core::ports::Reporter;
use serde_json::json;

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

/// Says to BuildKit that nobody has asked for a record of how the image was built. With such a record, and the times in it,
/// the containerd image store gives every build another id. Who asks for one (`build.provenance`) still gets it.
const NO_ATTESTATIONS: &str = "BUILDX_NO_DEFAULT_ATTESTATIONS";

/// Builds services so that only the request's own tags move.
pub(crate) async fn build(request: &BuildRequest<'_>, reporter: &dyn Reporter) -> EngineResult<()> {
    if request.targets.is_empty() {
        return Ok(());
    }
    if std::env::var("DOCKER_BUILDKIT").is_ok_and(|value| is_off(&value)) {
        refuse_contexts(request.targets)?;
    }
    let scratch = Scratch::new().map_err(|error| from_io(ACTION, &error))?;
    let text = override_text(request.targets);
    let file = scratch.write("build.yaml", &text).map_err(|error| from_io(ACTION, &error))?;
    let options = [("--no-cache", request.no_cache), ("--pull", request.pull)];
    let command = || -> EngineResult<_> {
        let mut command = Compose::new(request.stack)
            .overridden_by(&file)
            .flags(["--progress", "plain"])
            .run(["build"])
            .run(options.iter().filter(|(_, wanted)| *wanted).map(|(flag, _)| *flag))
            .run(request.targets.keys())
            .command(ACTION)?;
        if std::env::var_os(NO_ATTESTATIONS).is_none() {
            command.env(NO_ATTESTATIONS, "1");
        }
        Ok(command)
    };
    let mut built = stream(command()?, ACTION, OutputSource::Build, reporter).await?;
    if !built.success && built.stdout.iter().chain(&built.stderr).any(|line| is_crossed(line)) {
        built = stream(command()?, ACTION, OutputSource::Build, reporter).await?;
    }
    let Streamed { success, stdout, stderr } = built;
    if success { Ok(()) } else { Err(failure(request, &stdout, &stderr)) }
}

/// Whether somebody removed a layer that the build found in its cache just before (with the containerd image store): another build
/// makes it anew.
fn is_crossed(line: &str) -> bool {
    line.contains("parent snapshot") && line.contains("does not exist")
}

fn is_off(value: &str) -> bool {
    matches!(value.to_ascii_lowercase().as_str(), "0" | "f" | "false")
}

/// The builder of old has no named contexts, and would begin from what the name meant before this run.
fn refuse_contexts(targets: &BTreeMap<String, BuildTarget>) -> EngineResult<()> {
    let Some((service, _)) = targets.iter().find(|(_, target)| !target.contexts.is_empty()) else {
        return Ok(());
    };
    let message = format!(
        "service `{service}` begins from an image that another service of the stack builds; that needs BuildKit, which \
         DOCKER_BUILDKIT turns off"
    );
    Err(EngineError::new(EngineErrorKind::Build, ACTION, message))
}

/// `!reset` takes the stack's further tags away, so that no tag but the given one moves, and all platforms but the engine's.
fn override_text(targets: &BTreeMap<String, BuildTarget>) -> String {
    let mut text = "services:\n".to_owned();
    for (service, target) in targets {
        let (service, tag) = (json!(service), json!(target.tag));
        text.push_str(&format!(
            "  {service}:\n    image: {tag}\n    build:\n      tags: !reset []\n"
        ));
        if target.for_one_platform {
            text.push_str("      platforms: !reset []\n");
        }
        if target.contexts.is_empty() {
            continue;
        }
        // Its base is on no registry, which a newer one would be looked for at.
        text.push_str("      pull: false\n      additional_contexts:\n");
        for (name, tag) in &target.contexts {
            let (name, image) = (json!(name), json!(format!("docker-image://{tag}")));
            text.push_str(&format!("        {name}: {image}\n"));
        }
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
    if let (1, Some(service)) = (request.targets.len(), request.targets.keys().next())
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

    fn targets(names: &[&str]) -> BTreeMap<String, BuildTarget> {
        let target = BuildTarget { tag: "x".to_owned(), ..BuildTarget::default() };
        names.iter().map(|name| ((*name).to_owned(), target.clone())).collect()
    }

    #[test]
    fn the_override_takes_all_tags_but_its_own_away() {
        let mut targets = targets(&["web"]);
        targets.entry("web".to_owned()).and_modify(|target| target.tag = "own/shop:1".to_owned());
        assert_eq!(
            override_text(&targets),
            "services:\n  \"web\":\n    image: \"own/shop:1\"\n    build:\n      tags: !reset []\n"
        );
    }

    #[test]
    fn the_override_says_for_which_platform_and_from_which_images() {
        let target = BuildTarget {
            tag: "own/shop:2".to_owned(),
            for_one_platform: true,
            contexts: [("shop-base:1".to_owned(), "own/shop:1".to_owned())].into(),
        };
        let targets = [("app".to_owned(), target)].into();
        let refused = refuse_contexts(&targets).unwrap_err();
        assert!(refused.message.contains("service `app`") && is_off("0") && !is_off("1"));
        let text = override_text(&targets);
        assert_eq!(
            text.split_once("tags: !reset []\n").unwrap().1,
            "      platforms: !reset []\n      pull: false\n      additional_contexts:\n        \
             \"shop-base:1\": \"docker-image://own/shop:1\"\n"
        );
    }

    #[test]
    fn a_failed_build_says_which_step_of_which_service() {
        let stack = backstay_core::stack::StackRef::default();
        let targets = targets(&["web", "api"]);
        let request =
            BuildRequest { stack: &stack, targets: &targets, no_cache: false, pull: false };
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
        let targets = targets(&["web", "api"]);
        let request =
            BuildRequest { stack: &stack, targets: &targets, no_cache: false, pull: false };
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
        let targets = targets(&["web"]);
        let request =
            BuildRequest { stack: &stack, targets: &targets, no_cache: false, pull: false };
        let error = failure(&request, &[], &lines("failed to read dockerfile"));
        assert_eq!(error.message, "service `web`: failed to read dockerfile");
    }
}
