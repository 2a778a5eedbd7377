//! What is in `.backup/`: names, sizes, modes, times. Never a content.

use std::path::Path;

use backstay_core::ports::{EntryKind, Store};
use backstay_core::store::DiskStore;
use jiff::Timestamp;

/// A line for each entry below the folder.
pub(super) fn listing(folder: &Path) -> String {
    let mut lines = Vec::new();
    walk(folder, folder, &mut lines);
    lines.push(String::new());
    lines.join("\n")
}

fn walk(root: &Path, path: &Path, lines: &mut Vec<String>) {
    let store = DiskStore;
    let found = match store.metadata(path) {
        Ok(Some(found)) => found,
        Ok(None) => return,
        Err(error) => return lines.push(format!("? {}: {error}", path.display())),
    };
    let (kind, end) = match found.kind {
        EntryKind::Directory => ('d', "/"),
        EntryKind::File => ('-', ""),
        EntryKind::Link => ('l', ""),
        EntryKind::Other => ('?', ""),
    };
    let time = Timestamp::try_from(found.modified).map(|time| time.to_string());
    let time = time.as_ref().map_or("?", |time| time.get(..19).unwrap_or(time));
    let name = path.strip_prefix(root.parent().unwrap_or(root)).unwrap_or(path);
    let (mode, len) = (found.mode & 0o7777, found.len);
    lines.push(format!("{kind} {mode:04o} {len:>12} {time}Z {}{end}", name.display()));
    if found.kind == EntryKind::Directory {
        match store.list(path) {
            Ok(names) => names.iter().for_each(|name| walk(root, &path.join(name), lines)),
            Err(error) => lines.push(format!("? {}: {error}", path.display())),
        }
    }
}
