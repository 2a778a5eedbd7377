//! Backups: whether each can be restored.

use backstay_core::ports::Images;
use std::path::Path;
use std::sync::Arc;

use backstay_core::Error;
use backstay_core::layout::Layout;
use backstay_core::ports::{EntryKind, Store};
use backstay_core::release::{Catalog, EntryState, ReleaseFolder};
use backstay_core::store::DiskStore;
use backstay_core::vault::Vault;
use serde_json::json;

use super::about::About;
use super::finding::Finding;
use crate::errors::{CommandError, Exit};
use crate::i18n::t;
use crate::ui::size;

/// Looks at the record of what runs and at each backup: its parts, and whether its images are there.
pub(super) async fn check(about: &About) -> Vec<Finding> {
    let lang = about.lang;
    let Some(layout) = about.records() else { return Vec::new() };
    let of_error = |error| Finding::error("backups", CommandError::of_core(lang, &error));
    let (catalog, flaw) = match Catalog::look(&layout, &about.store) {
        Ok(found) => found,
        Err(error) => return vec![of_error(error)],
    };
    let mut findings: Vec<Finding> = flaw.map(of_error).into_iter().collect();
    for entry in &catalog.entries {
        match &entry.state {
            EntryState::Release(folder) => match damaged(about, &entry.folder, folder) {
                Some(finding) => findings.push(finding),
                None => findings.extend(incomplete(about, &layout, &entry.folder, folder).await),
            },
            EntryState::Plain => {}
            EntryState::Damaged(problem) => findings.push(broken(about, &entry.folder, problem)),
        }
    }
    if findings.is_empty() {
        let (count, bytes) = (catalog.entries.len(), weight(&about.store, layout.root()));
        let text = t!(lang, "doctor-backups", count = count, size = size::bytes(bytes));
        let data = json!({"count": count, "bytes": bytes});
        findings.push(Finding::good("backups", text).facts(data));
    }
    findings
}

/// What of it is not what was recorded.
fn damaged(about: &About, name: &str, folder: &ReleaseFolder) -> Option<Finding> {
    let error = folder.damage(&about.store).into_iter().next()?;
    let problem = match &error {
        Error::Damaged { file, problem } => {
            let file = file.strip_prefix(&folder.path).unwrap_or(file);
            format!("`{}`: {problem}", file.display())
        }
        other => other.to_string(),
    };
    Some(broken(about, name, &problem))
}

fn broken(about: &About, folder: &str, problem: &str) -> Finding {
    let lang = about.lang;
    let text = t!(lang, "doctor-backup-damaged", folder = folder, problem = problem);
    let finding = Finding::bad("backups", Exit::Release, text);
    finding.hint(t!(lang, "doctor-hint-backup-damaged")).facts(json!({"folder": folder}))
}

/// Images of it that are neither on the engine nor in the vault.
async fn incomplete(
    about: &About,
    layout: &Layout,
    name: &str,
    folder: &ReleaseFolder,
) -> Option<Finding> {
    let lang = about.lang;
    about.facts()?;
    let vault = Vault::new(layout.vault(), Arc::new(DiskStore));
    let images = folder.release.stored_images();
    let mut missing = Vec::new();
    for image in images {
        let is_kept = vault.has(image).unwrap_or(false);
        if !is_kept && matches!(about.engine.image(image).await, Ok(None)) {
            missing.push(image.to_owned());
        }
    }
    if missing.is_empty() {
        return None;
    }
    let text = t!(lang, "doctor-backup-incomplete", folder = name, count = missing.len());
    let data = json!({"folder": name, "missing": missing});
    let finding = Finding::warning("backups", text).details(missing);
    Some(finding.hint(t!(lang, "doctor-hint-backup-incomplete")).facts(data))
}

/// Bytes of all files below a folder.
fn weight(store: &DiskStore, folder: &Path) -> u64 {
    let names = store.list(folder).unwrap_or_default();
    let paths = names.iter().map(|name| folder.join(name));
    paths
        .map(|path| match store.metadata(&path) {
            Ok(Some(found)) if found.kind == EntryKind::Directory => weight(store, &path),
            Ok(Some(found)) => found.len,
            _ => 0,
        })
        .sum()
}
