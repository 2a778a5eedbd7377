//! How a run ended, and what was read back.

use std::collections::BTreeMap;
use std::time::Duration;

use backstay_core::event::{Outcome, RunKind};

use super::wording::short_id;
use super::{Wording, lists};
use crate::i18n::t;
use crate::ui::{clean, width};

/// The framed last word.
pub(super) fn banner(wording: &Wording, kind: RunKind, outcome: Outcome) -> Vec<String> {
    let (lang, style) = (wording.lang, wording.style);
    let text = match (outcome, kind) {
        (Outcome::Deployed, RunKind::Deploy) => style.good(&t!(lang, "end-deployed")),
        (Outcome::Deployed, RunKind::Update) => style.good(&t!(lang, "end-updated")),
        (Outcome::Deployed, RunKind::Rollback) => style.good(&t!(lang, "end-rolled-back")),
        (Outcome::RolledBack, _) => style.good(&t!(lang, "end-undone")),
        (Outcome::Stuck, _) => style.bad(&t!(lang, "end-stuck")),
    };
    wording.banner(&[text])
}

/// What was verified, and how long it all took. The services that the run was about are listed with their images.
pub(super) fn verified(
    wording: &Wording,
    services: &BTreeMap<String, String>,
    changed: impl Fn(&str) -> bool,
    took: Duration,
) -> Vec<String> {
    let lang = wording.lang;
    let seconds = format!("{:.1}", took.as_secs_f64());
    if services.is_empty() {
        return vec![wording.remark(&t!(lang, "end-verified-nothing", seconds = seconds))];
    }
    let head = wording.good(&t!(lang, "end-verified", count = services.len(), seconds = seconds));
    let listed = services.iter().filter(|(service, _)| changed(service));
    [head].into_iter().chain(services_table(wording, listed)).collect()
}

/// After an undo: what was read back.
pub(super) fn as_before(wording: &Wording, services: &BTreeMap<String, String>) -> Vec<String> {
    let lang = wording.lang;
    if services.is_empty() {
        return vec![wording.good(&t!(lang, "end-nothing-as-before"))];
    }
    let head = wording.good(&t!(lang, "end-as-before", count = services.len()));
    [head].into_iter().chain(services_table(wording, services.iter())).collect()
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
