//! Which backups go.

use std::collections::{BTreeMap, BTreeSet};

use crate::stack::Retention;

/// The folders to remove. `backups` are newest first, each with its folder, its release's id and its age in days. The
/// release that runs now and the one before it (`protected`) stay. Of several backups of one release the newest counts; the
/// others go with age, and at once where a number is given.
#[must_use]
pub fn select_for_removal(
    backups: &[(String, String, i64)],
    protected: &BTreeSet<String>,
    retention: Retention,
) -> Vec<String> {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut removed = Vec::new();
    let mut kept = 0;
    for (folder, release, age) in backups {
        let is_double = !seen.insert(release);
        let is_old = retention.keep_days.is_some_and(|days| *age > i64::from(days));
        let is_surplus = retention.keep_last.is_some_and(|last| kept >= last);
        let goes = if is_double {
            is_old || retention.keep_last.is_some()
        } else {
            (is_old || is_surplus) && !protected.contains(release)
        };
        if goes {
            removed.push(folder.clone());
        } else if !is_double {
            kept += 1;
        }
    }
    removed
}

/// The same of backups that are there for their data: those of the release that runs, and those of a release that has a newer
/// one. Of each release so many stay as a number is given; they don't count as releases. The newest one of the release that runs (`current`)
/// stays.
#[must_use]
pub fn select_copies(
    copies: &[(String, String, i64)],
    current: Option<&str>,
    retention: Retention,
) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut removed = Vec::new();
    for (folder, release, age) in copies {
        let count = counts.entry(release).or_default();
        let is_newest = *count == 0 && current == Some(release.as_str());
        let is_old = retention.keep_days.is_some_and(|days| *age > i64::from(days));
        let is_surplus = retention.keep_last.is_some_and(|last| *count >= last);
        if !is_newest && (is_old || is_surplus) {
            removed.push(folder.clone());
        } else {
            *count += 1;
        }
    }
    removed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backups() -> Vec<(String, String, i64)> {
        let list =
            [("f5", "r4", 0), ("f4", "r4", 0), ("f3", "r3", 1), ("f2", "r2", 8), ("f1", "r1", 30)];
        list.into_iter()
            .map(|(folder, release, age)| (folder.into(), release.into(), age))
            .collect()
    }

    #[test]
    fn of_the_data_of_each_release_so_many_copies_stay() {
        let copies = backups();
        let last = Retention { keep_days: None, keep_last: Some(1) };
        assert_eq!(select_copies(&copies, None, last), ["f4"]);
        let days = Retention { keep_days: Some(7), keep_last: None };
        assert_eq!(select_copies(&copies, None, days), ["f2", "f1"]);
        assert_eq!(select_copies(&copies, Some("r1"), days), ["f2"]);
    }

    #[test]
    fn age_and_number_decide_and_what_is_protected_stays() {
        let protected = BTreeSet::from(["r1".to_owned()]);
        let days = Retention { keep_days: Some(7), keep_last: None };
        assert_eq!(select_for_removal(&backups(), &protected, days), ["f2"]);
        let last = Retention { keep_days: None, keep_last: Some(1) };
        assert_eq!(select_for_removal(&backups(), &protected, last), ["f4", "f3", "f2"]);
        let none = Retention { keep_days: None, keep_last: None };
        assert_eq!(select_for_removal(&backups(), &protected, none), [""; 0]);
    }
}
