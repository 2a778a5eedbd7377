//! Permissions: whether this user can write where runs write, and nobody else can read there.

use std::path::{Path, PathBuf};

use backstay_core::ports::{EntryKind, Store};
use serde_json::json;

use super::about::About;
use super::finding::Finding;
use crate::errors::{Exit, hints};
use crate::i18n::t;

/// The most paths that are named.
const MOST: usize = 5;

/// The bits of a folder that a group shares.
const SHARED: u32 = 0o2070;

/// Looks at the stack's folder and at all that is kept of it.
pub(super) fn check(about: &About) -> Vec<Finding> {
    let lang = about.lang;
    let Some(stack) = &about.stack else { return Vec::new() };
    let mut findings = Vec::new();
    let mut closed = vec![stack.directory.clone()];
    let mut open = Vec::new();
    let mut who = "go";
    if let Some(layout) = about.records() {
        // What a group shares is open to it on purpose.
        let mode = about.store.metadata(layout.root()).ok().flatten().map_or(0, |found| found.mode);
        let is_shared = mode & SHARED == SHARED;
        who = if is_shared { "o" } else { "go" };
        let others = if is_shared { 0o007 } else { 0o077 };
        walk(about, layout.root(), others, &mut closed, &mut open);
    }
    closed.retain(|folder| !is_writable(folder));
    if !closed.is_empty() {
        let text = t!(lang, "doctor-not-writable");
        let finding = Finding::bad("permissions", Exit::Machine, text);
        let mut finding = named(about, finding, &closed);
        for folder in &closed {
            let hint = hints::not_permitted(lang, folder);
            if !finding.hints.contains(&hint) {
                finding = finding.hint(hint);
            }
        }
        findings.push(finding);
    }
    if !open.is_empty() {
        let text = t!(lang, "doctor-open-modes", count = open.len());
        let root = about.records().map(|layout| layout.root().to_string_lossy().into_owned());
        let root = root.unwrap_or_default();
        let hint = t!(lang, "doctor-hint-open-modes", who = who, path = root);
        findings.push(named(about, Finding::warning("permissions", text), &open).hint(hint));
    }
    // On Windows the rights are those of the folder above, and nothing was found out about them.
    if findings.is_empty() && cfg!(unix) {
        findings.push(Finding::good("permissions", t!(lang, "doctor-permissions")));
    }
    findings
}

/// Collects the folders, and whatever others than the owner may read or write.
fn walk(
    about: &About,
    path: &Path,
    others: u32,
    folders: &mut Vec<PathBuf>,
    open: &mut Vec<PathBuf>,
) {
    let Ok(Some(found)) = about.store.metadata(path) else { return };
    if found.kind == EntryKind::Link {
        return;
    }
    if found.mode & others != 0 {
        open.push(path.to_owned());
    }
    if found.kind == EntryKind::Directory {
        folders.push(path.to_owned());
        for name in about.store.list(path).unwrap_or_default() {
            walk(about, &path.join(name), others, folders, open);
        }
    }
}

fn named(about: &About, finding: Finding, paths: &[PathBuf]) -> Finding {
    let all: Vec<String> = paths.iter().map(|path| path.to_string_lossy().into_owned()).collect();
    let mut lines: Vec<String> =
        all.iter().take(MOST).map(|path| crate::ui::clean::line(path)).collect();
    if all.len() > MOST {
        lines.push(t!(about.lang, "doctor-and-more", count = all.len() - MOST));
    }
    finding.details(lines).facts(json!({"paths": all}))
}

#[cfg(unix)]
fn is_writable(folder: &Path) -> bool {
    use rustix::fs::{Access, access};
    access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok()
}

#[cfg(not(unix))]
fn is_writable(folder: &Path) -> bool {
    // The read-only mark means nothing for folders there; a run itself finds out.
    folder.exists()
}
