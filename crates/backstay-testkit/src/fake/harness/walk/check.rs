//! What has to hold after an operation.

use std::collections::BTreeSet;

use backstay_core::engine::{Health, Status};
use backstay_core::event::Outcome;
use backstay_core::release::{Release, read_release};

use super::path::{End, PROJECT, Walk};
use super::step::{Trouble, What};
use crate::fake::harness::picture::Picture;
use crate::fake::harness::tidy::leftovers;
use crate::fake::{Ended, FakeContainer, Machine, kept};

impl Walk {
    /// `is_done` is whether no run is open any more.
    pub(super) fn judge(
        &self,
        (what, trouble, is_done): (What, Trouble, bool),
        before: &Picture,
        after: &Picture,
        end: &End,
    ) -> Vec<String> {
        // What a run that was cut short has made, may go again.
        let base = self.open.as_ref().map_or(before, |open| &open.base);
        let mut problems = self.never(base, after, is_done);
        let Ended::Done(result) = end else { return problems };
        let undisturbed = |wanted: &Picture| {
            let mut found = wanted.differences(after, &wanted.ids());
            // It stores what waits for that.
            let is_stored =
                |d: &str| d.starts_with("tag backstay-keep/") && d.ends_with("is missing");
            found.retain(|d| what != What::Recover || !is_stored(d));
            found
        };
        match result {
            Err(error) => {
                if self.open.is_none() {
                    let said = undisturbed(before).into_iter();
                    problems.extend(said.map(|d| format!("it refuses ({error}), but {d}")));
                }
            }
            Ok(reports) => match reports.last().map(|report| report.outcome) {
                None => {
                    let said = undisturbed(before).into_iter();
                    problems.extend(said.map(|d| format!("it had nothing to do, but {d}")));
                }
                Some(Outcome::RolledBack) => match &self.open {
                    None => {
                        let said = undisturbed(before).into_iter();
                        problems.extend(said.map(|d| format!("it says RolledBack, but {d}")));
                    }
                    Some(open) if what == What::Recover && !open.is_disturbed => {
                        let said = undisturbed(&open.base).into_iter();
                        problems.extend(said.map(|d| format!("it is recovered, but {d}")));
                    }
                    Some(_) => {}
                },
                // After the commit only what is left over goes; what somebody did to the release since stays.
                Some(Outcome::Deployed)
                    if what == What::Recover
                        && self.open.as_ref().is_some_and(|open| open.is_disturbed) => {}
                Some(Outcome::Deployed) if is_done => {
                    problems.extend(self.one_release(what, before, after));
                }
                Some(Outcome::Deployed) => {}
                Some(Outcome::Stuck) => {
                    let report = reports.last().map_or(&[][..], |report| &report.way_out);
                    if report.is_empty() {
                        problems.push("it is stuck without a way out".to_owned());
                    }
                    let may_be = self.open.as_ref().is_some_and(|open| open.is_disturbed)
                        || trouble != Trouble::None;
                    if !may_be {
                        problems.push(format!("it is stuck without a cause: {reports:?}"));
                    }
                }
            },
        }
        if is_done && trouble == Trouble::None && result.is_ok() {
            problems.extend(self.left_over(base, after));
        }
        problems
    }

    /// What may not happen, however an operation ends.
    fn never(&self, before: &Picture, after: &Picture, is_done: bool) -> Vec<String> {
        let mut found = Vec::new();
        let gone = before.volumes.difference(&after.volumes);
        found.extend(gone.map(|volume| format!("volume {volume} is gone")));
        let gone = before.anonymous.difference(&after.anonymous);
        found.extend(gone.map(|volume| format!("anonymous volume {volume} is gone")));
        let damaged = after.backups.iter().filter(|(folder, what)| {
            is_done && what.starts_with("damaged") && !self.hurt.contains(*folder)
        });
        found.extend(damaged.map(|(folder, what)| format!("backup {folder} is {what}")));
        found
    }

    fn left_over(&self, before: &Picture, after: &Picture) -> Vec<String> {
        let mut found = leftovers(&self.machine, &self.stack, PROJECT, before, after);
        found.retain(|text| !self.hurt.iter().any(|folder| text.contains(folder.as_str())));
        found
    }

    /// Whether what runs is the recorded release and nothing else.
    fn one_release(&self, what: What, before: &Picture, after: &Picture) -> Vec<String> {
        let layout = kept(&self.stack);
        let store = self.machine.process().store();
        let Ok(Some(folder)) = read_release(&layout.current(), &store) else {
            return vec!["no release is recorded".to_owned()];
        };
        let mut found = self.containers(&folder.release, what, &before.ids());
        // A run that is undone first may put files back.
        let is_first = self.open.is_none() && what != What::Recover;
        if is_first && !what.restores_files() && before.files != after.files {
            found.push("the user's files have changed".to_owned());
        }
        if what == What::Deploy {
            found.extend(self.changed_by_compose());
        }
        found
    }

    fn containers(&self, release: &Release, what: What, known: &BTreeSet<String>) -> Vec<String> {
        let mut found = Vec::new();
        let world = self.machine.snapshot();
        let own = |c: &&FakeContainer| c.project.as_deref() == Some(PROJECT);
        for container in world.engine.containers.values().filter(own) {
            let service = release.services.get(&container.service);
            let Some(record) = service else {
                // An update leaves alone what is not named, even what the files name no more.
                if !what.is_whole() {
                    continue;
                }
                found.push(format!("{} is not of the release", container.name));
                continue;
            };
            if !record.containers.contains(&container.id) || record.image != container.image {
                found.push(format!("{} is not the recorded one", container.name));
            }
            let sick = matches!(container.life.health, Some(Health::Unhealthy | Health::Starting));
            // What a container that was left alone does is none of the run's doing.
            let is_ill = sick && !known.contains(&container.id);
            if what.is_whole() && (container.life.status != Status::Running || is_ill) {
                found.push(format!("{} does not serve: {:?}", container.name, container.life));
            }
        }
        for (name, record) in &release.services {
            let is: BTreeSet<String> = world.of_service(PROJECT, name).into_iter().collect();
            if !record.containers.iter().all(|id| is.contains(id)) {
                found.push(format!("a container of {name} is missing"));
            }
            let tag = world.engine.image_id(&record.reference);
            if what.is_whole() && tag.as_ref() != Some(&record.image) {
                found.push(format!("{} is {tag:?}, not {}", record.reference, record.image));
            }
        }
        found
    }

    /// What a plain `docker compose up` would do.
    fn changed_by_compose(&self) -> Vec<String> {
        let machine = Machine::from_world(self.machine.snapshot());
        let ids = |machine: &Machine| {
            machine.with(|world| world.engine.containers.keys().cloned().collect::<Vec<_>>())
        };
        let before = ids(&machine);
        match machine.with(|world| world.compose_up(&self.stack)) {
            Err(error) => vec![format!("`docker compose up` fails: {error}")],
            Ok(()) if ids(&machine) != before => vec!["`docker compose up` changes it".to_owned()],
            Ok(()) => Vec::new(),
        }
    }
}
