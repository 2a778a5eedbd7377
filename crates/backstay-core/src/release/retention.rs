//! Which backups go.

use std::collections::BTreeSet;

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
