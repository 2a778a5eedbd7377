//! How a run ended, and what was read back.

use std::collections::BTreeMap;
use std::time::Duration;

use backstay_core::event::{Outcome, RunKind, Unwell};

use super::wording::short_id;
use super::{Wording, lists};
use crate::i18n::{Language, t};
use crate::ui::state::state;
use crate::ui::{clean, width};

/// The framed last word.
pub(super) fn banner(wording: &Wording, kind: RunKind, outcome: Outcome) -> Vec<String> {
    let (lang, style) = (wording.lang, wording.style);
    let text = match (outcome, kind) {
        (Outcome::Deployed, RunKind::Deploy) => style.good(&t!(lang, "end-deployed")),
        (Outcome::Deployed, RunKind::Update) => style.good(&t!(lang, "end-updated")),
        (Outcome::Deployed, RunKind::Rollback) => style.good(&t!(lang, "end-rolled-back")),
        (Outcome::Deployed, RunKind::DataSave) => style.good(&t!(lang, "end-data-saved")),
        (Outcome::Deployed, RunKind::DataRestore) => style.good(&t!(lang, "end-data-restored")),
        (Outcome::RolledBack, _) => style.good(&t!(lang, "end-undone")),
        (Outcome::Stuck, _) => style.bad(&t!(lang, "end-stuck")),
    };
    wording.banner(&[text])
}

/// What was verified, and how long it all took. The services that the run was about are listed with their images.
pub(super) fn verified(
    wording: &Wording,
    services: &BTreeMap<String, String>,
    unwell: &[Unwell],
    changed: impl Fn(&str) -> bool,
    took: Duration,
) -> Vec<String> {
    let lang = wording.lang;
    let seconds = format!("{:.1}", took.as_secs_f64());
    let count = services.len();
    let head = match (count, unwell) {
        (0, []) => {
            return vec![wording.remark(&t!(lang, "end-verified-nothing", seconds = seconds))];
        }
        (0, _) => None,
        (_, []) => Some(t!(lang, "end-verified", count = count, seconds = seconds)),
        (_, _) => Some(t!(lang, "end-verified-others", count = count, seconds = seconds)),
    };
    let listed = services.iter().filter(|(service, _)| changed(service));
    let mut lines: Vec<String> = head.iter().map(|head| wording.good(head)).collect();
    lines.extend(services_table(wording, listed));
    lines.extend(not_well(wording, unwell, false));
    lines
}

/// After an undo: what was read back.
pub(super) fn as_before(
    wording: &Wording,
    services: &BTreeMap<String, String>,
    unwell: &[Unwell],
) -> Vec<String> {
    let lang = wording.lang;
    if services.is_empty() && unwell.is_empty() {
        return vec![wording.good(&t!(lang, "end-nothing-as-before"))];
    }
    let mut lines = Vec::new();
    if !services.is_empty() {
        lines.push(wording.good(&t!(lang, "end-as-before", count = services.len())));
        lines.extend(services_table(wording, services.iter()));
    }
    lines.extend(not_well(wording, unwell, true));
    lines
}

/// `restarting, 7 restarts, exit code 1`.
pub(crate) fn unwell_state(lang: Language, unwell: &Unwell) -> String {
    let state = state(lang, unwell.status, unwell.health, unwell.restarts);
    match unwell.code {
        Some(code) => format!("{state}, {}", t!(lang, "unwell-code", code = code)),
        None => state,
    }
}

/// What was not well before the run either; `again` where the run had touched it.
fn not_well(wording: &Wording, unwell: &[Unwell], again: bool) -> Option<String> {
    let lang = wording.lang;
    let one = |unwell: &Unwell| {
        let state = unwell_state(lang, unwell);
        t!(lang, "unwell-of", service = clean::line(&unwell.service), state = state)
    };
    let containers = unwell.iter().map(one).collect::<Vec<_>>().join(", ");
    let text = if again {
        t!(lang, "end-unwell-again", containers = containers)
    } else {
        t!(lang, "end-unwell", containers = containers)
    };
    (!unwell.is_empty()).then(|| wording.warning(&text))
}

/// Services with the ids of their images.
fn services_table<'a>(
    wording: &Wording,
    services: impl Iterator<Item = (&'a String, &'a String)>,
) -> Vec<String> {
    let rows: Vec<Vec<String>> = services
        .map(|(service, image)| vec![format!("    {}", clean::line(service)), short_id(image)])
        .collect();
    lists::lines(wording, "    ", width::table(&rows))
}
