//! Why a run failed: which service, in plain words, with its last lines and its last health output.

use backstay_core::event::{Cause, Failure};

use super::Wording;
use super::steps::names;
use crate::i18n::{Language, t};
use crate::ui::clean;

/// The most lines of output that are shown of one source.
const MOST: usize = 20;

/// What failed, in one line: `镜像构建失败: manager-api build error`. `services` are all that failed.
pub(crate) fn headline(lang: Language, failure: &Failure, services: &[String]) -> String {
    let named = || match (services, &failure.service) {
        ([], Some(service)) => clean::line(service),
        ([], None) => built(&failure.cause).unwrap_or_default(),
        _ => names(services),
    };
    let reason = reason(lang, failure);
    let what = match &failure.cause {
        Cause::Build { .. } if !named().is_empty() => {
            t!(lang, "failed-build-of", services = named())
        }
        Cause::ImageMissing { image } => clean::line(image),
        Cause::Mismatch { differences } => names(differences),
        Cause::Build { message }
        | Cause::Pull { message }
        | Cause::Create { message }
        | Cause::DiskFull { message }
        | Cause::Files { message }
        | Cause::Engine { message }
            if named().is_empty() =>
        {
            first_line(message)
        }
        _ => named(),
    };
    if what.is_empty() { reason } else { format!("{reason}: {what}") }
}

/// What kind of failure it is: `镜像构建失败`.
pub(crate) fn reason(lang: Language, failure: &Failure) -> String {
    match &failure.cause {
        Cause::Build { .. } => t!(lang, "failed-build"),
        Cause::Pull { .. } => t!(lang, "failed-pull"),
        Cause::ImageMissing { .. } => t!(lang, "failed-image-missing"),
        Cause::Create { .. } => t!(lang, "failed-create"),
        Cause::Start { .. }
        | Cause::PortTaken { .. }
        | Cause::Exited { .. }
        | Cause::Restarting { .. }
        | Cause::Unhealthy
        | Cause::Deadline { .. }
        | Cause::Vanished => t!(lang, "failed-services"),
        Cause::Mismatch { .. } => t!(lang, "failed-mismatch"),
        Cause::Interrupted => t!(lang, "failed-interrupted"),
        Cause::Crashed => t!(lang, "failed-crashed"),
        Cause::DiskFull { .. } => t!(lang, "failed-disk-full"),
        Cause::Files { .. } => t!(lang, "failed-files"),
        Cause::Engine { .. } => t!(lang, "failed-engine"),
    }
}

/// The lines under the headline.
pub(crate) fn details(wording: &Wording, failure: &Failure) -> Vec<String> {
    let lang = wording.lang;
    let mut lines = Vec::new();
    if let Some(words) = plain_words(lang, &failure.cause) {
        let line = match &failure.service {
            Some(service) => format!("    {}: {words}", clean::line(service)),
            None => format!("    {words}"),
        };
        lines.push(line);
    }
    let mut block = |head: String, body: Vec<String>| {
        let body: Vec<String> = body.into_iter().filter(|line| !line.is_empty()).collect();
        if body.is_empty() {
            return;
        }
        lines.push(format!("    {head}"));
        let from = body.len().saturating_sub(MOST);
        let gutter = wording.style.faint("│");
        lines.extend(body[from..].iter().map(|line| format!("    {gutter} {line}")));
    };
    if let Cause::Build { message }
    | Cause::Pull { message }
    | Cause::Create { message }
    | Cause::Start { message }
    | Cause::PortTaken { message }
    | Cause::DiskFull { message }
    | Cause::Files { message }
    | Cause::Engine { message } = &failure.cause
    {
        block(t!(lang, "failure-message"), clean::lines(message));
    }
    let container = failure.container.as_deref().or(failure.service.as_deref()).unwrap_or_default();
    block(t!(lang, "failure-logs", container = container), cleaned(&failure.logs));
    block(t!(lang, "failure-health", container = container), cleaned(&failure.health));
    lines
}

/// Why, where the reason alone does not say it.
fn plain_words(lang: Language, cause: &Cause) -> Option<String> {
    Some(match cause {
        Cause::Start { .. } => t!(lang, "cause-start"),
        Cause::PortTaken { .. } => t!(lang, "cause-port-taken"),
        Cause::Exited { oom_killed: true, .. } => t!(lang, "cause-out-of-memory"),
        Cause::Exited { code: 0, .. } => t!(lang, "cause-exited-zero"),
        Cause::Exited { code, .. } => t!(lang, "cause-exited", code = *code),
        Cause::Restarting { restarts, code } => {
            t!(lang, "cause-restarting", restarts = *restarts, code = *code)
        }
        Cause::Unhealthy => t!(lang, "cause-unhealthy"),
        Cause::Deadline { waited } => {
            t!(lang, "cause-deadline", seconds = format!("{:.0}", waited.as_secs_f64()))
        }
        Cause::Vanished => t!(lang, "cause-vanished"),
        _ => return None,
    })
}

/// The service whose build failed, from the builder's words: `> [manager-api 2/2] COPY …`. All services are built by one
/// call, so that only the words tell.
fn built(cause: &Cause) -> Option<String> {
    let Cause::Build { message } = cause else { return None };
    message.split('[').skip(1).find_map(|part| {
        let mut words = part.split_once(']')?.0.split_whitespace();
        let (first, last) = (words.next()?, words.next_back()?);
        let (step, of) = last.split_once('/')?;
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        (is_number(step) && is_number(of)).then(|| clean::line(first))
    })
}

fn cleaned(lines: &[String]) -> Vec<String> {
    lines.iter().flat_map(|line| clean::lines(line)).collect()
}

fn first_line(text: &str) -> String {
    clean::lines(text).into_iter().find(|line| !line.is_empty()).unwrap_or_default()
}
