//! What a run does to each service, how, and why, in plain words.

use backstay_core::plan::{Action, Change, Method, Plan, Reason, Step, Twice, When, Why};
use backstay_core::stack::Again;

use super::wording::short_id;
use super::{Wording, groups, lists};
use crate::i18n::{Language, t};
use crate::ui::{clean, size};

/// What is done to a service, in a few words.
fn title(wording: &Wording, change: &Change) -> String {
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
    lines.chain(only_seen(lang, change)).collect()
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

/// Who looks again where a service is that is replaced.
fn followers(wording: &Wording, plan: &Plan) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for follower in &plan.followers {
        let (lang, service) = (wording.lang, clean::line(&follower.service));
        let of = clean::line(&follower.of);
        let line = match (&follower.how, follower.when) {
            (Again::Restart, When::Replaced) => {
                t!(lang, "plan-restarts", service = service, of = of)
            }
            // Only where the address could not be kept.
            (Again::Restart, When::Moved) => continue,
            _ => t!(lang, "plan-looks-again", service = service, of = of),
        };
        lines.push(format!("  {line}"));
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

/// How many services do not stay as they are.
pub(super) fn count(plan: &Plan) -> usize {
    plan.changes.iter().filter(|change| change.action != Action::Keep).count()
}

/// A plan in short: what changes, and the names of what stays.
pub(super) fn overview(wording: &Wording, plan: &Plan) -> Vec<String> {
    let (kept, changed): (Vec<_>, Vec<_>) =
        plan.changes.iter().partition(|change| change.action == Action::Keep);
    if groups::are_told_together(wording, changed.len()) {
        let mut lines = groups::lines(wording, plan, &changed);
        lines.extend(unchanged(wording, &kept));
        lines.push(wording.remark(&t!(wording.lang, "plan-verbose")));
        return lines;
    }
    let mut lines = Vec::new();
    for change in changed {
        let service = clean::line(&change.service);
        lines.push(format!("  {service}: {}", title_in(wording, plan, change)));
        lines.extend(describe(wording, change).iter().map(|line| format!("    {line}")));
    }
    lines.extend(followers(wording, plan));
    lines.extend(unchanged(wording, &kept));
    lines
}

/// The services of a plan that is not run, where there are too many to tell of each.
pub(crate) fn overview_of_dry_run(wording: &Wording, plan: &Plan) -> Option<Vec<String>> {
    if !groups::are_told_together(wording, plan.changes.len()) {
        return None;
    }
    let mut lines = vec![groups::heading(wording, plan)];
    lines.extend(overview(wording, plan));
    Some(lines)
}

/// What the build has decided: of the services that were to be built first, and of those that hang on them.
pub(super) fn decided(wording: &Wording, outlook: &Plan, plan: &Plan) -> Vec<String> {
    let is_new = |change: &&Change| {
        outlook.change(&change.service).is_none_or(|before| before.action != change.action)
    };
    let (kept, changed): (Vec<_>, Vec<_>) =
        plan.changes.iter().filter(is_new).partition(|change| change.action == Action::Keep);
    if groups::are_told_together(wording, changed.len()) {
        let mut lines = groups::lines(wording, plan, &changed);
        lines.extend(unchanged(wording, &kept));
        return lines;
    }
    let mut lines = Vec::new();
    for change in changed {
        let service = clean::line(&change.service);
        let image = change.reasons.iter().find_map(|reason| match reason {
            Reason::Image { from, to } => Some((short_id(from), short_id(to))),
            _ => None,
        });
        let text = match (&change.action, image) {
            (Action::Replace, Some((from, to))) => {
                t!(wording.lang, "decided-image", from = from, to = to)
            }
            _ => title(wording, change),
        };
        lines.push(format!("  {service}: {text}"));
        let others = change.reasons.iter().filter(|r| !matches!(r, Reason::Image { .. }));
        lines.extend(others.map(|reason| format!("    {}", difference(wording.lang, reason))));
    }
    lines.extend(unchanged(wording, &kept));
    lines
}

fn unchanged(wording: &Wording, kept: &[&Change]) -> Option<String> {
    let listed = |kept: &[&Change]| {
        let names: Vec<String> = kept.iter().map(|change| change.service.clone()).collect();
        if !wording.verbose && lists::is_long(names.len()) {
            return t!(wording.lang, "plan-kept-count", count = names.len());
        }
        lists::names(wording, &names)
    };
    let line = || wording.remark(&t!(wording.lang, "plan-kept", services = listed(kept)));
    (!kept.is_empty()).then(line)
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
    }
}
