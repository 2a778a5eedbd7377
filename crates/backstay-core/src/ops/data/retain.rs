//! Which data goes before its backup does: `keep_last` and `max_size` of each set.

use std::collections::BTreeMap;
use std::path::Path;

use super::list::held;
use crate::context::Context;
use crate::data::{self, SavedData};
use crate::error::Result;
use crate::layout::Layout;

/// Whether data lies in a backup's folder. A record of it that can't be read is one.
pub(crate) fn has_any(ctx: &Context, folder: &Path) -> bool {
    !matches!(data::read(folder, &*ctx.store), Ok(None))
}

/// Removes what the sets' own rules do not keep. The newest copy of a set stays, and so does what is pinned. The rules are those
/// that were in force when the newest copy was made. Returns the backups that have no data any more.
///
/// # Errors
/// When the folder can't be read or written.
pub(crate) fn retain(ctx: &Context, layout: &Layout) -> Result<Vec<String>> {
    let held = held(ctx, layout)?;
    let mut copies: BTreeMap<&str, Vec<Copy<'_>>> = BTreeMap::new();
    for backup in &held {
        for saved in &backup.sets {
            let copy = Copy { folder: &backup.folder, saved, pinned: backup.pinned };
            copies.entry(&saved.set.name).or_default().push(copy);
        }
    }
    let mut emptied = Vec::new();
    for copies in copies.values() {
        for copy in surplus(copies) {
            let folder = layout.backup(copy.folder);
            data::remove(&folder, &copy.saved.set.name, &*ctx.store)?;
            if !has_any(ctx, &folder) {
                emptied.push(copy.folder.to_owned());
            }
        }
    }
    Ok(emptied)
}

/// A copy of a set in a backup.
#[derive(Clone, Copy)]
struct Copy<'a> {
    folder: &'a str,
    saved: &'a SavedData,
    pinned: bool,
}

/// Those that go; `copies` are newest first.
fn surplus<'a>(copies: &[Copy<'a>]) -> Vec<Copy<'a>> {
    let Some(newest) = copies.first() else { return Vec::new() };
    let (keep_last, max_size) = (newest.saved.set.keep_last, newest.saved.set.max_size);
    let (mut kept, mut size, mut gone) = (0, 0_u64, Vec::new());
    for (at, copy) in copies.iter().enumerate() {
        let is_one_too_many = keep_last.is_some_and(|last| kept >= last);
        let is_too_much =
            max_size.is_some_and(|limit| size.saturating_add(copy.saved.size) > limit);
        if at > 0 && !copy.pinned && (is_one_too_many || is_too_much) {
            gone.push(*copy);
        } else {
            kept += 1;
            size = size.saturating_add(copy.saved.size);
        }
    }
    gone
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::Model;

    fn saved(size: u64, rules: &str) -> SavedData {
        let yaml = format!(
            "name: s\nservices: {{db: {{image: x, x-backstay: {{data: {{dump: mysql{rules}}}}}}}}}"
        );
        let set = Model::parse(&yaml).unwrap().data["db"].clone();
        let [digest, at, image] = [(); 3].map(|()| String::new());
        SavedData { file: set.file(), set, size, raw: size, digest, at, image }
    }

    fn gone(rules: &str, pinned: &[&str]) -> Vec<&'static str> {
        let all: Vec<SavedData> = [30, 20, 10].map(|size| saved(size, rules)).to_vec();
        let folders = ["new", "old", "oldest"];
        let copies: Vec<Copy<'_>> = folders
            .iter()
            .zip(&all)
            .map(|(folder, saved)| Copy { folder, saved, pinned: pinned.contains(folder) })
            .collect();
        let gone = surplus(&copies);
        folders.into_iter().filter(|name| gone.iter().any(|copy| copy.folder == *name)).collect()
    }

    #[test]
    fn number_and_size_decide_and_the_newest_stays() {
        assert_eq!(gone("", &[]), [""; 0]);
        assert_eq!(gone(", keep_last: 2", &[]), ["oldest"]);
        assert_eq!(gone(", keep_last: 1", &["old"]), ["oldest"]);
        assert_eq!(gone(", max_size: 45", &[]), ["old"]);
        assert_eq!(gone(", max_size: 1", &[]), ["old", "oldest"]);
    }
}
