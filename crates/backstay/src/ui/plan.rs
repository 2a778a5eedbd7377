//! The screen of `--dry-run`: what would happen to each service, how and why, then the steps.

use backstay_core::plan::{Action, Plan, Step};
use backstay_core::stack::HookPoint;

use super::text::{Wording, describe, inside, overview_of_dry_run, planned, title_in};
use super::{clean, width};
use crate::i18n::t;

/// The lines of a plan that is not run.
pub(crate) fn lines(wording: &Wording, plan: &Plan) -> Vec<String> {
    let lang = wording.lang;
    let mut lines = vec![wording.style.strong(&t!(lang, "plan-title")), String::new()];
    let returns = plan.steps.iter().any(|step| matches!(step, Step::RestoreData { .. }));
    let stays = plan.changes.iter().all(|change| change.action == Action::Keep);
    if !plan.changes.is_empty() && stays && !returns {
        lines.push(t!(lang, "plan-nothing"));
    }
    if let Some(overview) = overview_of_dry_run(wording, plan) {
        lines.extend(overview);
    } else {
        lines.extend(services(wording, plan));
        lines.extend(inside(wording, plan).iter().map(|line| format!("  {line}")));
    }
    if !plan.changes.is_empty() {
        lines.push(String::new());
    }
    lines.push(t!(lang, "plan-steps"));
    for (number, step) in plan.steps.iter().enumerate() {
        lines.push(format!("  {}. {}", number + 1, planned(wording, step)));
    }
    lines.extend(afterwards(wording, plan));
    if plan.changes.iter().any(|change| change.action == Action::BuildFirst) {
        lines.push(String::new());
        lines.push(t!(lang, "plan-may-change"));
    }
    if let ([], [Step::Environment { template }]) = (&*plan.changes, &*plan.steps) {
        lines.push(String::new());
        lines.push(t!(lang, "plan-open", template = template));
    }
    lines
}

/// The hooks that are run when the run has ended.
fn afterwards(wording: &Wording, plan: &Plan) -> Vec<String> {
    let mut lines = Vec::new();
    if !plan.afterwards.is_empty() {
        lines.push(String::new());
        lines.push(t!(wording.lang, "plan-afterwards"));
    }
    lines.extend(plan.afterwards.iter().map(|step| {
        let text = planned(wording, step);
        match step {
            Step::Hook { point: HookPoint::AfterRollback, .. } => {
                format!("  - {}", t!(wording.lang, "plan-afterwards-undone", step = text))
            }
            _ => format!("  - {text}"),
        }
    }));
    lines
}

/// Each service with what happens to it.
fn services(wording: &Wording, plan: &Plan) -> Vec<String> {
    let mut lines = Vec::new();
    if !plan.changes.is_empty() {
        lines.push(t!(wording.lang, "plan-services"));
    }
    let names: Vec<String> = plan.changes.iter().map(|c| clean::line(&c.service)).collect();
    let column = names.iter().map(|name| width::width(name)).max().unwrap_or(0);
    for (name, change) in names.iter().zip(&plan.changes) {
        lines.push(format!("  {}  {}", width::pad(name, column), title_in(wording, plan, change)));
        let indent = " ".repeat(column + 4);
        lines.extend(describe(wording, change).iter().map(|line| format!("{indent}- {line}")));
    }
    lines
}
