//! A plan in short, and what a build has decided of it.

use backstay_core::plan::{Action, Change, Plan, Reason, When};
use backstay_core::stack::Again;

use super::changes::{describe, difference, title, title_in};
use super::wording::short_id;
use super::{Wording, groups, lists};
use crate::i18n::t;
use crate::ui::clean;

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
