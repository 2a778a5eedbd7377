//! What a run does to each service, how, and why, in plain words.

use backstay_core::plan::{Action, Change, Method, Plan, Reason, Step, Twice, Why};

use super::wording::short_id;
use super::{Wording, lists};
use crate::i18n::{Language, t};
use crate::ui::size;

/// What is done to a service, in a few words.
pub(super) fn title(wording: &Wording, change: &Change) -> String {
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

/// The same with what the plan knows: whether a service's image is built or pulled.
pub(crate) fn title_in(wording: &Wording, plan: &Plan, change: &Change) -> String {
    let is_pulled =
        |step: &Step| matches!(step, Step::Pull { services } if services.contains(&change.service));
    if change.action == Action::BuildFirst && plan.steps.iter().any(is_pulled) {
        return wording.style.warn(&t!(wording.lang, "action-pull-first"));
    }
    title(wording, change)
}

/// The lines under a service: how, why so, and what is different.
pub(crate) fn describe(wording: &Wording, change: &Change) -> Vec<String> {
    let lang = wording.lang;
    let method = match change.method {
        // Nobody is replaced, so that there is no smoother way to miss.
        _ if change.action == Action::Add => return only_seen(lang, change).collect(),
        Method::None => None,
        Method::Beside => Some(t!(lang, "method-beside")),
        Method::RehearsedBeside => Some(t!(lang, "method-rehearsed-beside")),
        Method::RehearsedSwap => Some(t!(lang, "method-rehearsed-swap")),
        Method::StopFirst => Some(t!(lang, "method-stop-first")),
    };
    let method = method.into_iter();
    let why = change.why.iter().map(|why| because(lang, why));
    let reasons = change.reasons.iter().map(|reason| difference(lang, reason));
    let lines = reasons.chain(method).chain(why).chain(meanwhile(wording, change));
    let warm = change.warm.map(|seconds| t!(lang, "plan-warm", seconds = seconds));
    lines.chain(warm).chain(only_seen(lang, change)).collect()
}

fn only_seen(lang: Language, change: &Change) -> impl Iterator<Item = String> {
    change.only_seen.then(|| t!(lang, "plan-only-seen")).into_iter()
}

/// For how long two containers of the service run.
fn twice(lang: Language, twice: Twice) -> String {
    let watched = twice.watched;
    match twice.ready_within {
        None => t!(lang, "plan-twice", watched = watched),
        Some(limit) if watched == 0 => t!(lang, "plan-twice-until", limit = limit),
        Some(limit) => t!(lang, "plan-twice-asked", limit = limit, watched = watched),
    }
}

/// What goes on while two containers of the service run, and what changes that.
fn meanwhile(wording: &Wording, change: &Change) -> Vec<String> {
    let lang = wording.lang;
    let mut lines = Vec::new();
    if change.runs_twice() {
        lines.extend(change.twice.map(|times| twice(lang, times)));
        if !change.shares.is_empty() {
            lines.push(t!(lang, "plan-shares", data = lists::names(wording, &change.shares)));
        }
        if !change.keeps_address_for.is_empty() {
            lines.push(t!(
                lang,
                "plan-keeps-address",
                services = lists::names(wording, &change.keeps_address_for)
            ));
        }
    }
    lines
}

/// The same without what is each service's own: ids and ports. Services of which this is the same are told together.
pub(super) fn alike(wording: &Wording, change: &Change) -> Vec<String> {
    let mut change = change.clone();
    let has_image = |reason: &Reason| matches!(reason, Reason::Image { .. });
    let image = change.reasons.iter().any(has_image);
    change.reasons.retain(|reason| !has_image(reason));
    let has_port = |why: &Why| matches!(why, Why::HostPort { .. });
    let port = change.why.iter().any(has_port);
    change.why.retain(|why| !has_port(why));
    let image = image.then(|| t!(wording.lang, "reason-image-own"));
    let port = port.then(|| t!(wording.lang, "why-host-port-own"));
    image.into_iter().chain(describe(wording, &change)).chain(port).collect()
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
        Why::Data { source } => t!(lang, "why-data", source = source),
        Why::SharedVolume { source, service } => {
            t!(lang, "why-shared-volume", source = source, service = service)
        }
        Why::ImageVolume { path } => t!(lang, "why-image-volume", path = path),
        Why::NobodyConnects => t!(lang, "why-nobody-connects"),
        Why::OneShot => t!(lang, "why-one-shot"),
        Why::FoundByLabel { label } => t!(lang, "why-found-by-label", label = label),
        Why::FoundByHostname { hostname } => t!(lang, "why-found-by-hostname", hostname = hostname),
        Why::FoundByVariable { variable } => t!(lang, "why-found-by-variable", variable = variable),
        Why::LabelsDiffer => t!(lang, "why-labels-differ"),
        Why::Memory { needs, free } => {
            t!(lang, "why-memory", needs = size::bytes(*needs), free = size::bytes(*free))
        }
        Why::NoRehearsal => t!(lang, "why-no-rehearsal"),
        Why::StandsStill => t!(lang, "why-stands-still"),
        Why::NotRunning => t!(lang, "why-not-running"),
        Why::LooksUp { service } => t!(lang, "why-looks-up", service = service),
    }
}

pub(super) fn difference(lang: Language, reason: &Reason) -> String {
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
        Reason::Names { gateway: true } => t!(lang, "reason-names-gateway"),
        Reason::Names { gateway: false } => t!(lang, "reason-names-back"),
    }
}
