//! Runs: one that goes on, one that was interrupted, one that is stuck.

use backstay_core::layout::Layout;
use backstay_core::lock::holder;
use backstay_core::ports::Store;
use backstay_core::run_record;
use serde_json::json;

use super::about::About;
use super::finding::Finding;
use crate::errors::{CommandError, Exit};
use crate::i18n::t;
use crate::ui::time;

/// Looks at the lock and at the journals.
pub(super) fn check(about: &About) -> Vec<Finding> {
    let lang = about.lang;
    let Some(layout) = about.records() else { return Vec::new() };
    let mut findings = Vec::new();
    match holder(&layout.lock()) {
        // The journal of a run that goes on is open by nature.
        Ok(Some(holder)) => {
            let message = t!(
                lang,
                "doctor-running",
                command = &holder.command,
                pid = holder.pid.to_string(),
                host = &holder.host,
                since = time::local(&holder.since)
            );
            return vec![Finding::warning("runs", message).facts(json!(holder))];
        }
        Ok(None) => {}
        Err(error) => findings.push(Finding::error("runs", CommandError::of_core(lang, &error))),
    }
    findings.extend(journals(about, &layout));
    if findings.is_empty() {
        findings.push(Finding::good("runs", t!(lang, "doctor-no-run")));
    }
    findings
}

fn journals(about: &About, layout: &Layout) -> Vec<Finding> {
    let lang = about.lang;
    let names = about.store.list(&layout.journals()).unwrap_or_default();
    let mut findings = Vec::new();
    for run in names.iter().filter_map(|name| name.strip_suffix(".jsonl")) {
        let data = json!({"run": run});
        match run_record::read(layout, run, &about.store) {
            Ok(Some(state)) if state.has_failed_undo() && state.is_open() => findings.push(
                Finding::bad("runs", Exit::Stuck, t!(lang, "doctor-stuck", run = run))
                    .hint(t!(lang, "doctor-hint-stuck"))
                    .facts(data),
            ),
            Ok(Some(state)) if state.is_open() => findings.push(
                Finding::warning("runs", t!(lang, "doctor-interrupted", run = run))
                    .hint(t!(lang, "doctor-hint-interrupted"))
                    .facts(data),
            ),
            Ok(_) => {}
            Err(error) => {
                findings.push(Finding::error("runs", CommandError::of_core(lang, &error)));
            }
        }
    }
    findings
}
