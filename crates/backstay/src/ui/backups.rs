//! Lists of backups, and one of them in full.

use backstay_core::ops::backups::{Detail, Size};
use backstay_core::release::{Catalog, Entry, EntryState, FileRecord, Origin, ReleaseFolder};

use backstay_core::stack::FolderState;

use super::size::bytes;
use super::text::{Wording, short_id};
use super::{clean, time, width};
use crate::i18n::t;

/// The guide's list of updates: when, which services, where.
pub(crate) fn updates(wording: &Wording, entries: &[&Entry]) -> Vec<String> {
    let lang = wording.lang;
    let mut out = vec![t!(lang, "updates-available"), String::new()];
    for (at, entry) in entries.iter().enumerate() {
        if at > 0 {
            out.push(String::new());
        }
        let number = wording.style.accent(&format!("[{}]", at + 1));
        out.push(format!("  {number} {}", time::of_folder(&entry.folder)));
        let services = match entry.services.as_slice() {
            [] => t!(lang, "updates-unknown"),
            names => clean::line(&names.join(", ")),
        };
        out.push(format!("      {}", t!(lang, "updates-services", services = services)));
        out.push(format!("      {}", t!(lang, "updates-path", path = &entry.folder)));
        let flaw = flaw(wording, &entry.state);
        out.extend(flaw.map(|text| format!("      {}", wording.style.faint(&text))));
    }
    out
}

/// The list with what runs now and what is in each backup.
pub(crate) fn list(
    wording: &Wording,
    catalog: &Catalog,
    details: &[Detail],
    flaw: Option<&str>,
) -> Vec<String> {
    let lang = wording.lang;
    let mut out = Vec::new();
    if let Some(flaw) = flaw {
        out.extend([wording.style.bad(&format!("✗ {flaw}")), String::new()]);
    }
    if let Some(current) = &catalog.current {
        out.push(t!(lang, "backups-current", release = &current.release.id));
        out.push(String::new());
    }
    if catalog.entries.is_empty() {
        out.push(t!(lang, "backups-none"));
        return out;
    }
    out.extend(lines(wording, catalog, details));
    out
}

/// `[1] 2024-01-29 14:30:52 - 20240129_143052`, as the guide shows it. A folder's name is the time at which its release was
/// replaced; the release itself stands behind it.
pub(crate) fn choices(wording: &Wording, catalog: &Catalog) -> Vec<String> {
    lines(wording, catalog, &[])
}

/// The same with what is known of each beside its release.
fn lines(wording: &Wording, catalog: &Catalog, details: &[Detail]) -> Vec<String> {
    let digits = catalog.entries.len().to_string().len() + 2;
    let one = |(at, entry): (usize, &Entry)| {
        let number = format!("{:>digits$}", format!("[{}]", at + 1));
        let number = wording.style.accent(&number);
        let more = details.get(at).filter(|_| entry.release().is_some());
        let remarks = remark(wording, catalog, entry).into_iter();
        let remarks = remarks.chain(more.and_then(|detail| beside(wording, detail)));
        let remark: Option<String> = remarks
            .map(|text| format!("  {}", wording.style.faint(&text)))
            .reduce(|all, one| all + &one);
        let (time, folder) = (time::of_folder(&entry.folder), clean::line(&entry.folder));
        format!("  {number} {time} - {folder}{}", remark.unwrap_or_default())
    };
    let head = [t!(wording.lang, "backups-available"), String::new()];
    head.into_iter().chain(catalog.entries.iter().enumerate().map(one)).collect()
}

/// One backup.
pub(crate) fn show(wording: &Wording, folder: &ReleaseFolder) -> Vec<String> {
    let lang = wording.lang;
    let release = &folder.release;
    let mut facts = vec![
        vec![t!(lang, "show-release"), clean::line(&release.id)],
        vec![t!(lang, "show-made"), time::local(&release.created)],
        vec![t!(lang, "show-origin"), origin(wording, folder)],
        vec![t!(lang, "show-project"), clean::line(&release.project)],
        vec![t!(lang, "show-folder"), wording.path(&folder.path)],
    ];
    if !release.stack.profiles.is_empty() {
        facts
            .push(vec![t!(lang, "show-profiles"), clean::line(&release.stack.profiles.join(", "))]);
    }
    let mut lines = width::table(&facts);
    lines.extend([String::new(), t!(lang, "show-services")]);
    let services = release.services.iter().map(|(name, service)| {
        vec![
            format!("  {}", clean::line(name)),
            short_id(&service.image),
            clean::line(&service.reference),
            t!(lang, "show-containers", count = service.containers.len()),
        ]
    });
    lines.extend(width::table(&services.collect::<Vec<_>>()));
    lines.extend([String::new(), t!(lang, "show-files")]);
    lines.extend(release.files.iter().map(|file| format!("  {}", file_line(wording, file))));
    lines
}

/// A backup that the old scripts made.
pub(crate) fn show_plain(wording: &Wording, folder: &str) -> Vec<String> {
    let lang = wording.lang;
    let facts = [
        vec![t!(lang, "show-made"), time::of_folder(folder)],
        vec![t!(lang, "show-origin"), t!(lang, "backups-plain")],
        vec![t!(lang, "show-folder"), format!(".backup/{}", clean::line(folder))],
    ];
    width::table(&facts)
}

fn file_line(wording: &Wording, file: &FileRecord) -> String {
    let lang = wording.lang;
    let path = clean::line(&file.path);
    match file.folder {
        None => {}
        Some(FolderState::Kept) => return t!(lang, "show-folder-kept", path = path),
        Some(FolderState::Writable) => return t!(lang, "show-folder-data", path = path),
        Some(FolderState::NotKept) => return t!(lang, "show-folder-not-kept", path = path),
    }
    match (&file.digest, file.outside) {
        (Some(_), true) if file.stored.is_none() => t!(lang, "show-file-compared", path = path),
        (None, _) => t!(lang, "show-file-absent", path = path),
        (Some(_), true) => t!(lang, "show-file-outside", path = path),
        (Some(_), false) => path,
    }
}

/// What a backup takes in the vault, and whether it is pinned.
fn beside(wording: &Wording, detail: &Detail) -> Option<String> {
    let lang = wording.lang;
    let Size { own, shared } = detail.size;
    let size = match (own, shared) {
        (0, 0) => None,
        (_, 0) => Some(t!(lang, "backups-size", own = bytes(own))),
        _ => Some(t!(lang, "backups-size-shared", own = bytes(own), shared = bytes(shared))),
    };
    let pinned = detail.pinned.then(|| t!(lang, "backups-pinned"));
    size.into_iter().chain(pinned).reduce(|all, one| format!("{all}, {one}"))
}

fn remark(wording: &Wording, catalog: &Catalog, entry: &Entry) -> Option<String> {
    let lang = wording.lang;
    match &entry.state {
        EntryState::Release(folder) => {
            let id = clean::line(&folder.release.id);
            let runs = catalog.current.as_ref().is_some_and(|now| now.release.id == id);
            Some(if runs {
                format!("({id}, {})", t!(lang, "backups-runs-now"))
            } else {
                format!("({id})")
            })
        }
        state => flaw(wording, state),
    }
}

/// What a backup is where it is no release.
fn flaw(wording: &Wording, state: &EntryState) -> Option<String> {
    match state {
        EntryState::Release(_) => None,
        EntryState::Plain => Some(t!(wording.lang, "backups-plain")),
        EntryState::Damaged(problem) => {
            Some(t!(wording.lang, "backups-damaged", problem = problem))
        }
    }
}

fn origin(wording: &Wording, folder: &ReleaseFolder) -> String {
    match folder.release.origin {
        Origin::Deploy => t!(wording.lang, "origin-deploy"),
        Origin::Update => t!(wording.lang, "origin-update"),
        Origin::Adopted => t!(wording.lang, "origin-adopted"),
    }
}
