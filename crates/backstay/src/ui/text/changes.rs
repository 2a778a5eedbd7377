//! What a run does to each service, how, and why, in plain words.

use backstay_core::plan::{Action, Change, Method, Plan, Reason, Why};

use super::Wording;
use super::steps::names;
use super::wording::short_id;
use crate::i18n::{Language, t};
use crate::ui::clean;

/// What is done to a service, in a few words.
pub(crate) fn title(wording: &Wording, change: &Change) -> String {
    let (lang, style) = (wording.lang, wording.style);
    match &change.action {
        Action::Keep => style.faint(&t!(lang, "action-keep")),
        Action::BuildFirst => style.warn(&t!(lang, "action-build-first")),
        Action::Add => style.good(&t!(lang, "action-add")),
        Action::Replace => style.warn(&t!(lang, "action-replace")),
        Action::Scale { from, to } => style.warn(&t!(lang, "action-scale", from = *from, to = *to)),
        Action::Start => style.good(&t!(lang, "action-start")),
        Action::Remove => style.bad(&t!(lang, "action-remove")),
    }
}

/// The lines under a service: how, why so, and what is different.
pub(crate) fn describe(wording: &Wording, change: &Change) -> Vec<String> {
    let lang = wording.lang;
    let method = match change.method {
        // Nobody is replaced, so that there is no smoother way to miss.
        _ if change.action == Action::Add => return Vec::new(),
        Method::None => None,
        Method::Beside => Some(t!(lang, "method-beside")),
        Method::RehearsedSwap => Some(t!(lang, "method-rehearsed-swap")),
        Method::StopFirst => Some(t!(lang, "method-stop-first")),
    };
    let method = method.into_iter();
    let why = change.why.iter().map(|why| because(lang, why));
    let reasons = change.reasons.iter().map(|reason| difference(lang, reason));
    reasons.chain(method).chain(why).collect()
}

/// A plan in short: what changes, and the names of what stays.
pub(super) fn overview(wording: &Wording, plan: &Plan) -> Vec<String> {
    let (kept, changed): (Vec<_>, Vec<_>) =
        plan.changes.iter().partition(|change| change.action == Action::Keep);
    let mut lines = Vec::new();
    for change in changed {
        let service = clean::line(&change.service);
        lines.push(format!("  {service}: {}", title(wording, change)));
        lines.extend(describe(wording, change).iter().map(|line| format!("    {line}")));
    }
    if !kept.is_empty() {
        let kept: Vec<String> = kept.iter().map(|change| change.service.clone()).collect();
        lines.push(wording.remark(&t!(wording.lang, "plan-kept", services = names(&kept))));
    }
    lines
}

fn because(lang: Language, why: &Why) -> String {
    match why {
        Why::HostPort { port } => t!(lang, "why-host-port", port = port),
        Why::HostNetwork => t!(lang, "why-host-network"),
        Why::BorrowsFrom { service } => t!(lang, "why-borrows", service = service),
        Why::FixedAddress { network } => t!(lang, "why-fixed-address", network = network),
        Why::OrderStopFirst => t!(lang, "why-order-stop-first"),
        Why::Infrastructure => t!(lang, "why-infrastructure"),
        Why::Database { image } => t!(lang, "why-database", image = image),
        Why::NoRehearsal => t!(lang, "why-no-rehearsal"),
        Why::NotRunning => t!(lang, "why-not-running"),
        Why::OneShot => t!(lang, "why-one-shot"),
    }
}

fn difference(lang: Language, reason: &Reason) -> String {
    match reason {
        Reason::Image { from, to } if to.is_empty() => {
            t!(lang, "reason-image-open", from = short_id(from))
        }
        Reason::Image { from, to } => {
            t!(lang, "reason-image", from = short_id(from), to = short_id(to))
        }
        Reason::Definition => t!(lang, "reason-definition"),
        Reason::Borrows { service } => t!(lang, "reason-borrows", service = service),
        Reason::NotRunning => t!(lang, "reason-not-running"),
        Reason::Forced => t!(lang, "reason-forced"),
    }
}
