//! Why a run failed: which service, in plain words, with its last lines and its last health output.

use std::time::Duration;

use backstay_core::event::{Cause, Failure};

use super::lists::{names, some};
use super::{Wording, build_error};
use crate::i18n::{Language, t};
use crate::ui::clean;

/// The most lines of output that are shown of one source.
const MOST: usize = 20;

/// What failed, in one line: `镜像构建失败: manager-api build error: …`. `services` are all that failed.
pub(crate) fn headline(lang: Language, failure: &Failure, services: &[String]) -> String {
    let named = || match (services, &failure.service) {
        ([], Some(service)) => clean::line(service),
        ([], None) => String::new(),
        _ => some(lang, services),
    };
    let reason = reason(lang, failure);
    let what = match &failure.cause {
        Cause::Build { message } => build(lang, failure, message),
        Cause::ImageMissing { image } => clean::line(image),
        Cause::Mismatch { differences } => some(lang, differences),
        Cause::Data { data, .. } => clean::line(data),
        Cause::RunHook { hook, .. } => clean::line(hook),
        Cause::Pull { message }
        | Cause::Create { message }
        | Cause::DiskFull { message }
        | Cause::Files { message }
        | Cause::GatewayProgram { message }
        | Cause::Engine { message }
            if named().is_empty() =>
        {
            first_line(message)
        }
        _ => named(),
    };
    if what.is_empty() { reason } else { format!("{reason}: {what}") }
}

/// Which service was built, and the builder's essential words.
fn build(lang: Language, failure: &Failure, message: &str) -> String {
    let service =
        build_error::service(failure).map(|service| t!(lang, "failed-build-of", service = service));
    let parts: Vec<String> = service.into_iter().chain(build_error::essence(message)).collect();
    parts.join(": ")
}

/// The same for an update, whose services have blocks of their own: `manager-api 镜像构建失败`.
pub(super) fn of_update(lang: Language, failure: &Failure, services: &[String]) -> String {
    let named = if services.is_empty() { failure.service.as_slice() } else { services };
    match &failure.cause {
        Cause::Build { .. } => match build_error::service(failure) {
            Some(service) => t!(lang, "update-build-failed", service = service),
            None => reason(lang, failure),
        },
        cause if is_about_services(cause) && !named.is_empty() => {
            t!(lang, "update-service-failed", services = some(lang, named))
        }
        _ => reason(lang, failure),
    }
}

/// Whether what failed is a service's container.
pub(super) const fn is_about_services(cause: &Cause) -> bool {
    matches!(
        cause,
        Cause::Start { .. }
            | Cause::Hook { .. }
            | Cause::PortTaken { .. }
            | Cause::Exited { .. }
            | Cause::Restarting { .. }
            | Cause::Unhealthy { .. }
            | Cause::Probe { .. }
            | Cause::Deadline { .. }
            | Cause::Follow { .. }
            | Cause::Vanished
    )
}

/// What kind of failure it is: `镜像构建失败`.
pub(crate) fn reason(lang: Language, failure: &Failure) -> String {
    match &failure.cause {
        Cause::Build { .. } => t!(lang, "failed-build"),
        Cause::Pull { .. } => t!(lang, "failed-pull"),
        Cause::ImageMissing { .. } => t!(lang, "failed-image-missing"),
        Cause::Create { .. } => t!(lang, "failed-create"),
        cause if is_about_services(cause) => t!(lang, "failed-services"),
        Cause::Unreachable { .. } => t!(lang, "failed-unreachable"),
        Cause::Mismatch { .. } => t!(lang, "failed-mismatch"),
        Cause::Interrupted => t!(lang, "failed-interrupted"),
        Cause::Crashed => t!(lang, "failed-crashed"),
        Cause::DiskFull { .. } => t!(lang, "failed-disk-full"),
        Cause::Files { .. } => t!(lang, "failed-files"),
        Cause::GatewayProgram { .. } => t!(lang, "failed-gateway-program"),
        Cause::RunHook { .. } => t!(lang, "failed-hook"),
        Cause::Data { action, .. } => super::data::reason(lang, *action),
        _ => t!(lang, "failed-engine"),
    }
}

/// The lines under the headline.
pub(crate) fn details(wording: &Wording, failure: &Failure) -> Vec<String> {
    details_of(wording, failure, &[])
}

/// The same, with the last lines of the build or the pull: they are told where the failure itself has no words of the
/// step that failed.
pub(super) fn details_of(wording: &Wording, failure: &Failure, output: &[String]) -> Vec<String> {
    let lang = wording.lang;
    let mut lines = Vec::new();
    let is_hook = matches!(failure.cause, Cause::RunHook { .. });
    if let Some(words) = plain_words(lang, &failure.cause) {
        let line = match failure.service.as_ref().filter(|_| !is_hook) {
            Some(service) => format!("    {}: {words}", clean::line(service)),
            None => format!("    {words}"),
        };
        lines.push(line);
    }
    lines.extend(advice(wording, failure).map(|line| format!("    {line}")));
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
        let said = clean::lines(message);
        let has_step = said.iter().any(|line| line.trim_start().starts_with("> ["));
        let tail: Vec<String> =
            output.iter().filter(|line| !said.contains(line)).cloned().collect();
        block(t!(lang, "failure-message"), said);
        if !has_step && matches!(failure.cause, Cause::Build { .. } | Cause::Pull { .. }) {
            block(t!(lang, "failure-output"), tail);
        }
    }
    let container = match &failure.cause {
        Cause::RunHook { hook, .. } => hook,
        _ => failure.container.as_deref().or(failure.service.as_deref()).unwrap_or_default(),
    };
    block(t!(lang, "failure-logs", container = container), cleaned(&failure.logs));
    block(t!(lang, "failure-health", container = container), cleaned(&failure.health));
    lines
}

/// Why, where the reason alone does not say it.
fn plain_words(lang: Language, cause: &Cause) -> Option<String> {
    Some(match cause {
        Cause::Start { .. } => t!(lang, "cause-start"),
        Cause::Hook { message } => t!(lang, "cause-hook", message = clean::line(message)),
        Cause::PortTaken { .. } => t!(lang, "cause-port-taken"),
        Cause::Exited { oom_killed: true, .. } => t!(lang, "cause-out-of-memory"),
        Cause::Exited { code: 0, .. } => t!(lang, "cause-exited-zero"),
        Cause::Exited { code, .. } => t!(lang, "cause-exited", code = *code),
        Cause::Restarting { restarts, code: Some(code) } => {
            t!(lang, "cause-restarting", restarts = *restarts, code = *code)
        }
        Cause::Restarting { restarts, code: None } => {
            t!(lang, "cause-restarting-unknown", restarts = *restarts)
        }
        Cause::Unhealthy { expected: Some(expected), waited: Some(waited), .. } => {
            let (expected, waited) = (seconds(*expected), seconds(*waited));
            t!(lang, "cause-never-healthy", expected = expected, waited = waited)
        }
        Cause::Unhealthy { .. } => t!(lang, "cause-unhealthy"),
        Cause::Probe { check, message } => {
            t!(lang, "cause-probe", check = clean::line(check), message = clean::line(message))
        }
        Cause::Deadline { waited } => {
            t!(lang, "cause-deadline", seconds = seconds(*waited))
        }
        Cause::Follow { message } => t!(lang, "cause-follow", message = message),
        Cause::Vanished => t!(lang, "cause-vanished"),
        Cause::Unreachable { services } => {
            t!(lang, "cause-unreachable", services = some(lang, services))
        }
        Cause::GatewayProgram { message } => {
            t!(lang, "cause-gateway-program", places = clean::lines(message).join(", "))
        }
        Cause::Data { trouble, .. } => super::data::trouble(lang, trouble),
        Cause::RunHook { hook, trouble } => {
            format!("{}: {}", clean::line(hook), super::hooks::trouble(lang, trouble))
        }
        _ => return None,
    })
}

/// What to change, where that is known.
fn advice(wording: &Wording, failure: &Failure) -> Option<String> {
    let lang = wording.lang;
    if !failure.needs.is_empty() {
        return Some(t!(lang, "cause-needs", services = names(wording, &failure.needs)));
    }
    let Cause::Unhealthy { waited: Some(waited), missing, .. } = &failure.cause else {
        return None;
    };
    if *missing {
        return Some(t!(lang, "cause-check-missing"));
    }
    // Twice what was not enough, in round numbers.
    let period = (waited.as_secs() * 2).div_ceil(10) * 10;
    let timeout = (period + 30).max(60);
    Some(t!(lang, "cause-never-healthy-hint", period = period, timeout = timeout))
}

fn seconds(time: Duration) -> String {
    format!("{:.0}", time.as_secs_f64())
}

fn cleaned(lines: &[String]) -> Vec<String> {
    lines.iter().flat_map(|line| clean::lines(line)).collect()
}

fn first_line(text: &str) -> String {
    clean::lines(text).into_iter().find(|line| !line.is_empty()).unwrap_or_default()
}
