//! The list of backups: what is in it, how one is named, and which one is the one before.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use backstay_core::Error;
use backstay_core::layout::Layout;
use backstay_core::ports::Clock;
use backstay_core::release::{
    Catalog, Entry, EntryState, Release, Retention, select_for_removal, write_release,
};
use backstay_core::store::DiskStore;
use proptest::prelude::*;

use crate::release_format::release;

/// A stack's `.backup/`.
struct Backups {
    dir: tempfile::TempDir,
    layout: Layout,
}

impl Backups {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::new(dir.path().join(Layout::FOLDER), dir.path());
        Self { dir, layout }
    }

    /// With these folders, each holding a release of this place in the history.
    fn with(folders: &[(&str, u64)]) -> Self {
        let backups = Self::new();
        for (folder, sequence) in folders {
            backups.write(folder, &format!("r{sequence}"), *sequence);
        }
        backups
    }

    fn write(&self, folder: &str, id: &str, sequence: u64) {
        let path = self.layout.backup(folder);
        write_release(&path, release(id, sequence), &[], &[], "name: shop", None, &DiskStore)
            .unwrap();
    }

    fn current(&self, sequence: u64, parent: Option<u64>) {
        let id = format!("r{sequence}");
        let now = Release { parent, ..release(&id, sequence) };
        let path = self.layout.current();
        write_release(&path, now, &[], &[], "name: shop", None, &DiskStore).unwrap();
    }

    fn runs(&self, sequence: u64) -> Catalog {
        self.current(sequence, None);
        self.read()
    }

    fn read(&self) -> Catalog {
        Catalog::read(&self.layout, &DiskStore).unwrap()
    }
}

fn folders(catalog: &Catalog) -> Vec<&str> {
    catalog.entries.iter().map(|entry| entry.folder.as_str()).collect()
}

const THREE: [(&str, u64); 3] =
    [("20240129_143052", 2), ("20240128_120000", 1), ("update_20240129_153022", 3)];

#[test]
fn a_stack_without_backups_has_an_empty_list() {
    let catalog = Backups::new().read();
    assert!(catalog.entries.is_empty() && catalog.current.is_none() && catalog.runs.is_empty());
    assert_eq!(catalog.next_sequence(), 1);
    assert!(matches!(catalog.previous(), Err(Error::NoEarlierRelease)));
}

#[test]
fn the_newest_backup_comes_first() {
    let catalog = Backups::with(&THREE).read();
    assert_eq!(folders(&catalog), ["update_20240129_153022", "20240129_143052", "20240128_120000"]);
    assert!(catalog.current.is_none());
}

#[test]
fn what_is_no_backup_is_not_listed() {
    let backups = Backups::with(&THREE);
    let root = backups.layout.backups();
    for name in [
        "found-1",
        "20240129",
        "20240129-143052",
        "update_2024",
        "x20240129_143052",
        "20240129_1430520",
    ] {
        fs::create_dir_all(root.join(name)).unwrap();
    }
    fs::write(root.join("notes"), "").unwrap();
    backups.current(3, None);
    assert_eq!(backups.read().entries.len(), 3);
}

#[test]
fn a_file_in_the_place_of_a_backup_is_told() {
    let backups = Backups::with(&THREE);
    fs::write(backups.layout.backup("20240101_000000"), "a file").unwrap();
    let catalog = backups.read();
    assert!(
        matches!(&catalog.entries[3].state, EntryState::Damaged(why) if why.contains("folder"))
    );
    assert_eq!(catalog.previous().unwrap().folder, "update_20240129_153022");
}

#[test]
fn runs_are_listed_by_their_journals() {
    let backups = Backups::new();
    fs::create_dir_all(backups.layout.work("20240130_000000")).unwrap();
    for run in ["20240130_000000", "20240129_000000"] {
        fs::write(backups.layout.journal(run), "").unwrap();
    }
    assert_eq!(backups.read().runs, ["20240129_000000", "20240130_000000"]);
}

#[test]
fn a_damaged_backup_is_told_and_hides_no_other() {
    let backups = Backups::with(&THREE);
    let damaged = |folder: &str, content: &str| {
        fs::create_dir_all(backups.layout.backup(folder)).unwrap();
        fs::write(backups.layout.backup(folder).join("release.json"), content).unwrap();
    };
    damaged("20240130_000000", "{");
    damaged("20240130_000001", "{\"version\": 99}");
    fs::create_dir_all(backups.layout.backup("20240130_000002")).unwrap();
    fs::write(backups.layout.backup("20240130_000002").join(".env"), "").unwrap();
    fs::create_dir_all(backups.layout.backup("20240130_000003").join("release.json")).unwrap();
    let catalog = backups.read();
    assert_eq!(catalog.entries.len(), 7);
    for entry in &catalog.entries[..4] {
        assert!(matches!(&entry.state, EntryState::Damaged(why) if !why.is_empty()), "{entry:?}");
        assert!(entry.release().is_none());
    }
    let sequences: Vec<u64> =
        catalog.entries.iter().filter_map(Entry::release).map(|r| r.release.sequence).collect();
    assert_eq!(sequences, [3, 2, 1]);
    assert_eq!(catalog.previous().unwrap().folder, "update_20240129_153022");
    assert_eq!(catalog.next_sequence(), 4);
}

#[test]
fn the_old_scripts_backups_are_listed() {
    let backups = Backups::with(&THREE);
    for folder in ["20230101_000000", "update_20230102_000000"] {
        fs::create_dir_all(backups.layout.backup(folder)).unwrap();
        fs::write(backups.layout.backup(folder).join("docker-compose.yml"), "services: {}")
            .unwrap();
    }
    let catalog = backups.read();
    assert_eq!(folders(&catalog)[3..], ["update_20230102_000000", "20230101_000000"]);
    assert!(catalog.entries[3..].iter().all(|entry| matches!(entry.state, EntryState::Plain)));
}

#[cfg(unix)]
#[test]
fn a_link_is_no_backup() {
    let backups = Backups::with(&THREE);
    let link = backups.layout.backup("20240131_000000");
    std::os::unix::fs::symlink(backups.layout.backup("20240129_143052"), link).unwrap();
    let catalog = backups.read();
    assert!(matches!(catalog.entries[0].state, EntryState::Damaged(_)));
    assert_eq!(catalog.entries.len(), 4);
}

#[test]
fn a_damaged_record_of_what_runs_is_an_error() {
    let backups = Backups::with(&THREE);
    backups.current(4, None);
    fs::write(backups.layout.current().join("release.json"), "{}").unwrap();
    assert!(matches!(Catalog::read(&backups.layout, &DiskStore), Err(Error::Damaged { .. })));
    let (catalog, flaw) = Catalog::look(&backups.layout, &DiskStore).unwrap();
    assert!(matches!(flaw, Some(Error::Damaged { .. })));
    assert!(catalog.current.is_none() && catalog.entries.len() == 3);
    fs::remove_file(backups.layout.current().join("release.json")).unwrap();
    assert!(matches!(Catalog::read(&backups.layout, &DiskStore), Err(Error::Damaged { .. })));
}

#[cfg(unix)]
#[test]
fn a_shared_folder_that_is_a_link_is_refused() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().unwrap();
    for name in ["journal", "vault", "vault/images", "vault/blobs", "vault/blobs/sha256"] {
        let backups = Backups::with(&THREE);
        let link = backups.layout.root().join(name);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(outside.path(), &link).unwrap();
        let found = Catalog::read(&backups.layout, &DiskStore);
        assert!(matches!(&found, Err(Error::Linked(path)) if *path == link), "{name}: {found:?}");
    }
    let dir = tempfile::tempdir().unwrap();
    symlink(outside.path(), dir.path().join(".backup")).unwrap();
    let found =
        Catalog::read(&Layout::new(dir.path().join(Layout::FOLDER), dir.path()), &DiskStore);
    assert!(matches!(found, Err(Error::Linked(_))), "{found:?}");
}

#[test]
fn a_backup_is_found_by_folder_path_number_or_id() {
    let backups = Backups::with(&THREE);
    let catalog = backups.read();
    let find = |name: &str| catalog.find(name, &backups.layout).map(|entry| entry.folder.clone());
    let whole = backups.layout.backup("20240129_143052");
    for name in [
        "20240129_143052",
        ".backup/20240129_143052",
        ".backup/20240129_143052/",
        ".backup\\20240129_143052",
        whole.to_str().unwrap(),
        "2",
        "r2",
    ] {
        assert_eq!(find(name).unwrap(), "20240129_143052", "{name}");
    }
    assert_eq!(find("1").unwrap(), "update_20240129_153022");
    assert_eq!(find(".backup\\update_20240129_153022").unwrap(), "update_20240129_153022");
}

#[test]
fn a_name_that_is_none_is_refused_as_it_was_given() {
    let backups = Backups::with(&THREE);
    let catalog = backups.read();
    for name in ["0", "4", "-1", "", "r9", "20240129_143053", "99999999999999999999999", "update_"]
    {
        match catalog.find(name, &backups.layout) {
            Err(Error::NoRelease(named)) => assert_eq!(named, name),
            other => panic!("{name}: {other:?}"),
        }
    }
    let gone = catalog.find(".backup/20200101_000000", &backups.layout);
    assert!(matches!(gone, Err(Error::NoRelease(_))), "{gone:?}");
}

#[test]
fn a_path_to_somewhere_else_is_refused() {
    let backups = Backups::with(&THREE);
    let catalog = backups.read();
    for name in [
        "../20240129_143052",
        "/tmp/20240129_143052",
        ".backup/../20240129_143052",
        ".backup/vault/20240129_143052",
        ".backup/current/20240129_143052",
        "backup/20240129_143052",
        "/20240129_143052",
    ] {
        let found = catalog.find(name, &backups.layout);
        assert!(matches!(found, Err(Error::Outside { .. })), "{name}: {found:?}");
    }
}

#[test]
fn a_path_to_another_stacks_backup_is_refused() {
    let backups = Backups::with(&THREE);
    let other = Backups::with(&THREE);
    let catalog = backups.read();
    let name = other.layout.backup("20240129_143052");
    let found = catalog.find(name.to_str().unwrap(), &backups.layout);
    assert!(found.is_err(), "{} is not in {}", name.display(), backups.dir.path().display());
}

#[test]
fn going_back_goes_further_back_each_time() {
    let backups = Backups::with(&[
        ("20240101_000000", 1),
        ("20240102_000000", 2),
        ("20240103_000000", 3),
        ("20240104_000000", 4),
    ]);
    let mut now = 4;
    let mut visited = Vec::new();
    while let Ok(entry) = backups.runs(now).previous() {
        now = entry.release().unwrap().release.sequence;
        visited.push(now);
        // What ran is saved once more when one goes back.
        backups.write(&format!("20240105_00000{now}"), "again", now + 1);
    }
    assert_eq!(visited, [3, 2, 1]);
    assert!(matches!(backups.read().previous(), Err(Error::NoEarlierRelease)));
}

#[test]
fn the_one_before_is_told_by_the_history_and_not_by_the_clock() {
    let backups =
        Backups::with(&[("20250101_000000", 1), ("20200101_000000", 2), ("20230101_000000", 3)]);
    assert_eq!(backups.runs(3).previous().unwrap().folder, "20200101_000000");
    assert_eq!(backups.runs(9).previous().unwrap().folder, "20230101_000000");
}

#[test]
fn of_two_backups_of_a_release_the_newer_one_is_the_one_before() {
    let backups = Backups::with(&[("20240101_000000", 1), ("20240102_000000", 1)]);
    assert_eq!(backups.runs(2).previous().unwrap().folder, "20240102_000000");
}

#[test]
fn where_nothing_is_recorded_the_newest_is_the_one_before() {
    assert_eq!(Backups::with(&THREE).read().previous().unwrap().folder, "update_20240129_153022");
}

#[test]
fn after_going_back_and_deploying_again_the_one_before_is_the_one_that_ran() {
    // 1, 2 and 3 were deployed; 3 was bad, so 2 was restored; then 4 was deployed, and is to be undone.
    let backups = Backups::with(&[
        ("20240102_000000", 1),
        ("20240103_000000", 2),
        // Saved by the rollback from 3 to 2, and by the deploy from 2 to 4.
        ("20240104_000000", 3),
        ("20240105_000000", 2),
    ]);
    backups.current(4, Some(2));
    assert_eq!(backups.read().previous().unwrap().folder, "20240105_000000");
}

#[test]
fn where_the_one_that_ran_before_is_not_kept_the_newest_before_that_is_meant() {
    let backups = Backups::with(&[("20240102_000000", 1), ("20240104_000000", 3)]);
    backups.current(4, Some(2));
    assert_eq!(backups.read().previous().unwrap().folder, "20240102_000000");
    let backups = Backups::with(&[("20240104_000000", 3)]);
    backups.current(4, Some(2));
    assert!(matches!(backups.read().previous(), Err(Error::NoEarlierRelease)));
}

#[test]
fn an_update_is_known_by_its_folder_and_its_services() {
    let backups = Backups::with(&THREE);
    let file = |folder: &str| backups.layout.backup(folder).join("services.txt");
    fs::write(file("update_20240129_153022"), "\u{feff}web\r\n\n api \n").unwrap();
    fs::write(file("20240129_143052"), "web\n").unwrap();
    backups.write("update_20240127_120000", "r4", 4);
    let catalog = backups.read();
    let updates: Vec<(&str, &[String])> =
        catalog.updates().iter().map(|e| (e.folder.as_str(), e.services.as_slice())).collect();
    let services = ["web".to_owned(), "api".to_owned()];
    let none: &[String] = &[];
    assert_eq!(
        updates,
        [("update_20240129_153022", &services[..]), ("update_20240127_120000", none)]
    );
    assert!(catalog.entries.iter().all(|entry| entry.is_update() || entry.services.is_empty()));
    let found = |name: &str| catalog.find_update(name, &backups.layout).map(|e| e.folder.as_str());
    assert_eq!(found("2").unwrap(), "update_20240127_120000");
    assert_eq!(found(".backup/update_20240129_153022").unwrap(), "update_20240129_153022");
    assert!(matches!(found("20240129_143052"), Err(Error::NoRelease(_))));
}

#[test]
fn the_last_update_is_one_on_the_way_to_what_runs() {
    let backups = Backups::with(&[
        ("update_20240101_000000", 1),
        ("20240102_000000", 2),
        ("update_20240103_000000", 3),
        ("20240104_000000", 4),
    ]);
    let last = |sequence, parent| {
        backups.current(sequence, parent);
        backups.read().previous_update().map(|entry| entry.folder.clone()).ok()
    };
    assert_eq!(last(4, None).as_deref(), Some("update_20240103_000000"));
    // 3 was left behind.
    assert_eq!(last(5, Some(2)).as_deref(), Some("update_20240101_000000"));
    assert_eq!(last(5, Some(0)), None);
    // 7 is not kept, so that the way is not known.
    assert_eq!(last(8, Some(7)).as_deref(), Some("update_20240103_000000"));
}

#[test]
fn a_new_release_comes_after_all_that_are_known() {
    let backups = Backups::with(&THREE);
    assert_eq!(backups.read().next_sequence(), 4);
    assert_eq!(backups.runs(1).next_sequence(), 4, "also after going back");
    assert_eq!(backups.runs(7).next_sequence(), 8);
}

/// A clock that stands still.
struct Stopped;

#[async_trait::async_trait]
impl Clock for Stopped {
    fn now(&self) -> jiff::ZonedDateTime {
        "2024-01-29T14:30:52+00:00[UTC]".parse().unwrap()
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    async fn sleep(&self, _: Duration) {}
}

#[test]
fn a_new_name_is_the_time_or_the_next_second_that_is_free() {
    let clock = Stopped;
    let backups = Backups::new();
    assert_eq!(backups.read().free_name(&clock), "20240129_143052");
    backups.write("update_20240129_143052", "r1", 1);
    assert_eq!(backups.read().free_name(&clock), "20240129_143053");
    fs::create_dir_all(backups.layout.journals()).unwrap();
    fs::write(backups.layout.journal("20240129_143053"), "").unwrap();
    assert_eq!(backups.read().free_name(&clock), "20240129_143054");
    backups.write("20240129_143055", "r2", 2);
    assert_eq!(backups.read().free_name(&clock), "20240129_143054");
}

#[test]
fn a_damaged_backup_keeps_its_name() {
    let backups = Backups::new();
    fs::create_dir_all(backups.layout.backup("20240129_143052")).unwrap();
    assert_eq!(backups.read().free_name(&Stopped), "20240129_143053");
}

#[test]
fn the_id_of_a_release_finds_it_and_is_no_number_of_the_list() {
    let backups = Backups::with(&THREE);
    let id = Catalog::id_of(1);
    let catalog = backups.read();
    assert_eq!(catalog.find(&id, &backups.layout).unwrap().folder, "20240128_120000");
}

/// Backups newest first, with the ids of their releases and ages that grow; and which ids are protected.
fn kept() -> impl Strategy<Value = (Vec<(String, String, i64)>, BTreeSet<String>, Retention)> {
    let backups = proptest::collection::vec((0..6_u8, 0..5_i64), 0..14).prop_map(|list| {
        let mut age = 0;
        let number = list.into_iter().enumerate().map(|(at, (release, older))| {
            age += older;
            (format!("f{at}"), format!("r{release}"), age)
        });
        number.collect::<Vec<_>>()
    });
    let protected = proptest::collection::btree_set((0..6_u8).prop_map(|r| format!("r{r}")), 0..3);
    let limits = (proptest::option::of(0..20_u32), proptest::option::of(0..8_usize));
    let retention = limits.prop_map(|(keep_days, keep_last)| Retention { keep_days, keep_last });
    (backups, protected, retention)
}

proptest! {
    #[test]
    fn a_protected_release_always_has_its_newest_backup((backups, protected, retention) in kept()) {
        let removed = select_for_removal(&backups, &protected, retention);
        for id in &protected {
            if let Some((folder, ..)) = backups.iter().find(|(_, release, _)| release == id) {
                prop_assert!(!removed.contains(folder), "{}", folder);
            }
        }
    }

    #[test]
    fn what_stays_is_young_few_and_single_unless_it_is_protected((backups, protected, retention) in kept()) {
        let removed = select_for_removal(&backups, &protected, retention);
        let stay: Vec<_> = backups.iter().filter(|(folder, ..)| !removed.contains(folder)).collect();
        let releases: BTreeSet<_> = stay.iter().map(|(_, release, _)| release).collect();
        let free: Vec<_> = stay.iter().filter(|(_, release, _)| !protected.contains(release)).collect();
        if let Some(days) = retention.keep_days {
            prop_assert!(free.iter().all(|(_, _, age)| *age <= i64::from(days)));
        }
        if let Some(last) = retention.keep_last {
            prop_assert!(free.len() <= last);
            prop_assert_eq!(releases.len(), stay.len(), "one backup of each release");
        }
    }

    #[test]
    fn nothing_goes_without_a_reason((backups, protected, retention) in kept()) {
        let removed = select_for_removal(&backups, &protected, retention);
        let listed: BTreeSet<_> = removed.iter().collect();
        prop_assert_eq!(listed.len(), removed.len());
        let mut kept = 0;
        for (at, (folder, release, age)) in backups.iter().enumerate() {
            if !removed.contains(folder) {
                kept += 1;
                continue;
            }
            let double = backups[..at].iter().any(|(_, other, _)| other == release);
            let old = retention.keep_days.is_some_and(|days| *age > i64::from(days));
            let surplus = retention.keep_last.is_some_and(|last| kept >= last);
            let counted = retention.keep_last.is_some();
            prop_assert!(double && counted || old || surplus, "{}", folder);
        }
    }

    #[test]
    fn what_was_cleaned_is_clean((backups, protected, retention) in kept()) {
        let removed = select_for_removal(&backups, &protected, retention);
        let left: Vec<_> = backups.into_iter().filter(|(folder, ..)| !removed.contains(folder)).collect();
        prop_assert!(select_for_removal(&left, &protected, retention).is_empty());
    }

    #[test]
    fn without_limits_nothing_goes((backups, protected, _) in kept()) {
        let none = Retention { keep_days: None, keep_last: None };
        prop_assert!(select_for_removal(&backups, &protected, none).is_empty());
    }
}
