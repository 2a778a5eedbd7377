//! What has to hold of the data in volumes and in backups, as words: rows that somebody wrote, marks of hooks, and migrations.

use std::collections::{BTreeMap, BTreeSet};

use backstay_core::digest::digest;
use backstay_core::ops::data;

use super::path::Walk;
use super::step::What;
use crate::fake::harness::picture::Picture;
use crate::fake::{Ended, kept};

/// What a whole dump ends with.
const END: &str = "\n-- Dump completed\n";

/// The volume whose data each set is, as the walks' stacks say it.
const VOLUMES: [(&str, &str); 2] = [("cache", "shop_data"), ("files", "shop_files")];

/// The data of a backup: by volume what was in it.
type Saved = BTreeMap<&'static str, String>;

impl Walk {
    /// What is wrong with the sets of data that are on record: a half one is never taken for whole.
    pub(super) fn half_sets(&self) -> Vec<String> {
        let (mut found, _) = self.sets();
        found.retain(|text| !self.hurt.iter().any(|folder| text.contains(folder.as_str())));
        found
    }

    /// What is wrong with the data sets of all backups, and those that are whole.
    fn sets(&self) -> (Vec<String>, Vec<Saved>) {
        let (process, stack) = (self.machine.process(), self.stack());
        let listed = process.clone().run(async { data::list(&process.context(), &stack).await });
        let Ended::Done(Ok(all)) = listed else { return (Vec::new(), Vec::new()) };
        let (mut found, mut whole) = (Vec::new(), Vec::new());
        for held in all {
            let folder = kept(&stack).backup(&held.folder);
            found.extend(held.flaw.map(|flaw| format!("data of {}: {flaw}", held.folder)));
            let mut saved = Saved::new();
            for set in &held.sets {
                let bytes = self.machine.with(|world| world.disk.read(&folder.join(&set.file)));
                let bytes = bytes.unwrap_or_default();
                let name = format!("{} of {}", set.set.name, held.folder);
                if digest(&bytes) != set.digest {
                    found.push(format!("{name} is not as its digest says"));
                    continue;
                }
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let text = text.strip_prefix("files:").or_else(|| text.strip_suffix(END));
                match text.filter(|text| is_whole(text)) {
                    None => found.push(format!("{name} is no whole copy: {bytes:?}")),
                    Some(text) => {
                        let volume = VOLUMES.iter().find(|(set_name, _)| *set_name == set.set.name);
                        saved.extend(volume.map(|(_, volume)| (*volume, text.to_owned())));
                    }
                }
            }
            whole.push(saved);
        }
        (found, whole)
    }

    /// What an operation may not do to the data, however it ends.
    pub(super) fn lost(&self, what: What, before: &Picture, after: &Picture) -> Vec<String> {
        let halves = after.data.iter().filter(|(_, data)| !is_whole(data));
        let mut found: Vec<String> =
            halves.map(|(name, data)| format!("data of {name} is a half: {data}")).collect();
        let brings_back = |what: What| matches!(what, What::RollbackData | What::RestoreData(_));
        let open = self.open.as_ref();
        if brings_back(what) || open.is_some_and(|open| brings_back(open.what) || open.is_disturbed)
        {
            return found;
        }
        for (volume, data) in &before.data {
            let now = after.data.get(volume).map(String::as_str).unwrap_or_default();
            let has: BTreeSet<&str> = now.split(", ").collect();
            let rows = data.split(", ").filter(|word| is_row(word));
            let lost = rows.filter(|row| !has.contains(row));
            found.extend(lost.map(|row| format!("data of {volume} has lost {row}")));
        }
        found
    }

    /// Whether the data is what one of the backups had.
    pub(super) fn came_back(&self, before: &[BTreeMap<&'static str, String>]) -> Vec<String> {
        let is = self.picture();
        let fits = |saved: &Saved| {
            let mut sets = saved.iter();
            !saved.is_empty()
                && sets.all(|(volume, data)| has_only_gone_on(data, &is.data[*volume]))
        };
        match before.iter().any(fits) {
            true => Vec::new(),
            false => vec![format!("the data is that of no backup: {:?}; {before:?}", is.data)],
        }
    }

    /// The data of all backups.
    pub(super) fn saved(&self) -> Vec<BTreeMap<&'static str, String>> {
        self.sets().1
    }
}

/// Whether data has changed only by what containers and hooks do that were started since.
pub(super) fn has_only_gone_on(before: &str, after: &str) -> bool {
    let more = after.strip_prefix(before);
    more.is_some_and(|more| more.split(", ").all(|word| word.is_empty() || !is_row(word)))
}

/// Whether it differs only by migrations.
pub(super) fn has_migrated(before: &str, after: &str) -> bool {
    let more = after.strip_prefix(before);
    more.is_some_and(|more| {
        more.split(", ").all(|word| word.is_empty() || word.starts_with("migrated to "))
    })
}

fn is_row(word: &str) -> bool {
    word.starts_with("row ")
}

/// Whether all of its words are whole. Each ends with a mark of its own.
fn is_whole(data: &str) -> bool {
    let mut words = data.split(", ");
    let first = words.next().unwrap_or_default();
    VOLUMES.iter().any(|(_, volume)| first == format!("rows of {volume}"))
        && words.all(|word| word.ends_with('.'))
}
