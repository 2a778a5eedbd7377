//! The screen of `report`: what is in the archive.

use std::path::Path;

use serde_json::{Value, json};

use super::Collected;
use crate::i18n::{Language, t};
use crate::ui::{Wording, clean, size, width};

/// The archive and what is in it.
pub(crate) fn lines(
    wording: &Wording,
    path: &Path,
    bytes: usize,
    collected: &Collected,
) -> Vec<String> {
    let lang = wording.lang;
    let shown = path.to_string_lossy().into_owned();
    let size = size::bytes(bytes as u64);
    // On Windows a file has the rights of its folder.
    let text = if cfg!(unix) {
        t!(lang, "report-written", path = shown, size = size)
    } else {
        t!(lang, "report-written-in-folder", path = shown, size = size)
    };
    let mut lines = vec![wording.style.good(&format!("✓ {text}")), String::new()];
    let rows = collected.files.iter().map(|(name, content)| {
        let name = clean::line(name);
        let what = what(lang, &name);
        vec![format!("  {name}"), size::bytes(content.len() as u64), what]
    });
    lines.extend(width::table(&rows.collect::<Vec<_>>()));
    lines.extend([String::new(), t!(lang, "report-redacted"), t!(lang, "report-look")]);
    lines
}

/// The same for programs.
pub(crate) fn json(path: &Path, bytes: usize, collected: &Collected) -> Value {
    let files: Vec<Value> = collected
        .files
        .iter()
        .map(|(name, content)| json!({"name": name, "bytes": content.len()}))
        .collect();
    json!({"type": "report", "path": path, "bytes": bytes, "files": files})
}

fn what(lang: Language, name: &str) -> String {
    match name.split_once('/').map_or(name, |(folder, _)| folder) {
        "report.txt" => t!(lang, "report-versions"),
        "doctor.jsonl" => t!(lang, "report-doctor"),
        "docker-info.json" => t!(lang, "report-info"),
        "model.json" => t!(lang, "report-model"),
        "containers.json" => t!(lang, "report-containers"),
        "logs" => t!(lang, "report-logs"),
        "backup.txt" => t!(lang, "report-listing"),
        "journal" => t!(lang, "report-journal"),
        "releases" => t!(lang, "report-release"),
        _ => t!(lang, "report-errors"),
    }
}
