//! The clock: against the engine's, and against the newest release.

use backstay_core::layout::Layout;
use backstay_core::release::Catalog;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::about::About;
use super::finding::Finding;
use crate::i18n::t;
use crate::ui::time;

/// Seconds that two clocks may differ by.
const TOLERANCE: i64 = 10;

/// Compares clocks.
pub(super) fn check(about: &About) -> Vec<Finding> {
    let lang = about.lang;
    let mut findings = Vec::new();
    let mut skew = None;
    if let Some((facts, here)) = &about.facts
        && let Some(there) = facts.info.get("SystemTime").and_then(|time| time.as_str())
        && let Ok(there) = there.parse::<Timestamp>()
    {
        let seconds = there.duration_since(*here).as_secs();
        skew = Some(seconds);
        if seconds.abs() > TOLERANCE {
            let text = t!(lang, "doctor-clock-engine", seconds = seconds.to_string());
            let finding = Finding::warning("clock", text).hint(t!(lang, "doctor-hint-clock"));
            findings.push(finding.facts(json!({"skew": seconds})));
        }
    }
    if let Some(made) = about.records().as_ref().and_then(|layout| newest(about, layout))
        && made.duration_since(Timestamp::now()) > SignedDuration::from_secs(TOLERANCE)
    {
        let text = t!(lang, "doctor-clock-release", made = time::local(&made.to_string()));
        let finding = Finding::warning("clock", text).hint(t!(lang, "doctor-hint-clock"));
        findings.push(finding.facts(json!({"newest": made.to_string()})));
    }
    if findings.is_empty() {
        let text = match skew {
            Some(_) => t!(lang, "doctor-clock"),
            None => t!(lang, "doctor-clock-alone"),
        };
        findings.push(Finding::good("clock", text).facts(json!({"skew": skew})));
    }
    findings
}

/// When the newest release was made.
fn newest(about: &About, layout: &Layout) -> Option<Timestamp> {
    // Damage is another check's matter.
    let (catalog, _) = Catalog::look(layout, &about.store).ok()?;
    let backups = catalog.entries.iter().filter_map(|entry| entry.release());
    let releases = backups.chain(&catalog.current);
    releases.filter_map(|folder| folder.release.created.parse().ok()).max()
}
