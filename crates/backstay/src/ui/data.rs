//! The list of saved data.

use backstay_core::ops::data::Held;

use super::size::bytes;
use super::text::Wording;
use super::{clean, time, width};
use crate::i18n::t;

/// A backup a line, and below it a line for each set in it.
pub(crate) fn list(
    wording: &Wording,
    held: &[Held],
    flaw: &dyn Fn(&Held) -> Option<String>,
) -> Vec<String> {
    let lang = wording.lang;
    if held.is_empty() {
        return vec![t!(lang, "data-none")];
    }
    let mut lines = vec![t!(lang, "data-available"), String::new()];
    for backup in held {
        let (time, folder) = (time::of_folder(&backup.folder), clean::line(&backup.folder));
        let release = backup.release.iter().map(|id| clean::line(id));
        let pinned = backup.pinned.then(|| t!(lang, "backups-pinned"));
        let remarks: Vec<String> = release.chain(pinned).collect();
        let remark = wording.style.faint(&format!("({})", remarks.join(", ")));
        lines.push(format!("  {time} - {folder}  {remark}"));
        let rows: Vec<Vec<String>> = backup
            .sets
            .iter()
            .map(|saved| {
                let name = format!("      {}", clean::line(&saved.set.name));
                vec![name, bytes(saved.size), time::local(&saved.at), clean::line(&saved.file)]
            })
            .collect();
        lines.extend(width::table(&rows));
        lines.extend(flaw(backup).map(|text| wording.bad(&text)));
    }
    lines
}
