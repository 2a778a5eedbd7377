//! The order of releases: what comes next, what came before, and which names are free.

use std::collections::BTreeSet;

use super::catalog::{Catalog, Entry, EntryState, stamp};
use super::record::Release;
use crate::error::{Error, Result};
use crate::ports::Clock;

impl Catalog {
    /// The place in the history that the next new release has.
    #[must_use]
    pub fn next_sequence(&self) -> u64 {
        let now = self.current.as_ref().map_or(0, |folder| folder.release.sequence);
        self.entries.iter().map(sequence).fold(now, u64::max).saturating_add(1)
    }

    /// The id of the next new release: `r` and its place in the history.
    #[must_use]
    pub fn id_of(sequence: u64) -> String {
        format!("r{sequence}")
    }

    /// Whether a backup or a run has this time in its name.
    pub(crate) fn has_stamp(&self, time: &str) -> bool {
        self.entries.iter().any(|entry| stamp(&entry.folder) == time)
            || self.runs.iter().any(|run| run == time)
    }

    /// A name for a run and its folder: the time, moved on by seconds until it is free.
    #[must_use]
    pub fn free_name(&self, clock: &dyn Clock) -> String {
        self.free_name_from(clock.now(), jiff::SignedDuration::from_secs(1))
    }

    /// A free name for a folder just before now: that of a run which begins now is not taken.
    pub(crate) fn free_name_before(&self, clock: &dyn Clock) -> String {
        let second = jiff::SignedDuration::from_secs(-1);
        self.free_name_from(clock.now().saturating_add(second), second)
    }

    fn free_name_from(&self, mut time: jiff::ZonedDateTime, step: jiff::SignedDuration) -> String {
        loop {
            let name = time.strftime("%Y%m%d_%H%M%S").to_string();
            if !self.has_stamp(&name) {
                return name;
            }
            time = time.saturating_add(step);
        }
    }

    /// The release that ran before the one that runs now was made, or, where it is not kept, the newest good one before
    /// it: going back twice goes further back.
    ///
    /// # Errors
    /// [`Error::NoEarlierRelease`].
    pub fn previous(&self) -> Result<&Entry> {
        let limit = self.current.as_ref().map_or(u64::MAX, |folder| before(&folder.release));
        let earlier = self.entries.iter().filter(|entry| (1..=limit).contains(&sequence(entry)));
        earlier
            .max_by(|a, b| sequence(a).cmp(&sequence(b)).then_with(|| a.folder.cmp(&b.folder)))
            .ok_or(Error::NoEarlierRelease)
    }

    /// The backups that can't be read and are newer than `chosen`: whoever named none may have meant one of them.
    pub(crate) fn passed_over(&self, chosen: &str) -> Vec<&str> {
        let damaged = |entry: &&Entry| matches!(entry.state, EntryState::Damaged(_));
        let newer = |entry: &&Entry| stamp(&entry.folder) > stamp(chosen);
        self.entries.iter().filter(damaged).filter(newer).map(|entry| &*entry.folder).collect()
    }

    /// The ids of the release that runs and of the one before it.
    pub(crate) fn protected(&self) -> BTreeSet<String> {
        let current = self.current.as_ref().map(|folder| folder.release.id.clone());
        let previous = self
            .previous()
            .ok()
            .and_then(|entry| entry.release())
            .map(|folder| folder.release.id.clone());
        current.into_iter().chain(previous).collect()
    }

    /// The backup of the last update on the way that led to the release which runs now. What was left behind by going
    /// back is not on that way.
    ///
    /// # Errors
    /// [`Error::NoEarlierRelease`].
    pub fn previous_update(&self) -> Result<&Entry> {
        let at = |place: u64| self.entries.iter().filter(move |entry| sequence(entry) == place);
        let mut place = self.current.as_ref().map_or(u64::MAX, |folder| before(&folder.release));
        while place > 0 {
            if let Some(entry) = at(place).find(|entry| entry.is_update()) {
                return Ok(entry);
            }
            match at(place).find_map(Entry::release) {
                Some(folder) => place = before(&folder.release).min(place - 1),
                // The way is not known any further: the newest one before that.
                None => break,
            }
        }
        let updates = self.entries.iter().filter(|entry| entry.is_update());
        let earlier = updates.filter(|entry| (1..=place).contains(&sequence(entry)));
        earlier.max_by_key(|entry| sequence(entry)).ok_or(Error::NoEarlierRelease)
    }
}

/// The place in the history of the release that ran before this one was made.
fn before(release: &Release) -> u64 {
    release.parent.unwrap_or(release.sequence.saturating_sub(1))
}

pub(super) fn sequence(entry: &Entry) -> u64 {
    entry.release().map_or(0, |folder| folder.release.sequence)
}
