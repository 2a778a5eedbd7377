//! What has to hold after an operation.

use std::collections::{BTreeMap, BTreeSet};

use backstay_core::engine::{Health, Status};
use backstay_core::event::Outcome;
use backstay_core::naming::is_warm;
use backstay_core::release::{Release, read_release};

use super::data::has_migrated;
use super::gateway::unfit;
use super::path::{End, Walk};
use super::rich::{OVERRIDE, PROJECT, is_gateway};
use super::step::{Trouble, What};
use crate::fake::harness::picture::Picture;
use crate::fake::harness::tidy::leftovers;
use crate::fake::{Ended, FakeContainer, Machine, World, kept};

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
            let mut found = wanted.differences(&self.migrated(what, wanted, after), &wanted.ids());
            // They store what waits for that.
            let is_stored =
                |d: &str| d.starts_with("tag backstay-keep/") && d.ends_with("is missing");
            let stores = matches!(what, What::Recover | What::SaveData | What::RestoreData(_));
            found.retain(|d| !stores || !is_stored(d));
            found
        };
        if what == What::Down {
            if result.as_ref().is_ok_and(Vec::is_empty) {
                problems.extend(after.left_of_the_stack());
            }
            return problems;
        }
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
                // The release stays.
                Some(Outcome::Deployed)
                    if is_done && matches!(what, What::SaveData | What::RestoreData(_)) =>
                {
                    if self.open.is_none() {
                        let said = undisturbed(before).into_iter();
                        // What Compose had made by hand is on record now.
                        let adopted = "on record is ";
                        let said = said
                            .filter(|d| !(d.starts_with(adopted) && d.ends_with("not nothing")));
                        let said =
                            said.filter(|d| what == What::SaveData || !d.starts_with("data of"));
                        problems.extend(said.map(|d| format!("only data was meant, but {d}")));
                    }
                }
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
            let mut left = self.left_over(base, after);
            // Whose successor somebody has removed meanwhile is better kept than none.
            let is_disturbed = self.open.as_ref().is_some_and(|open| open.is_disturbed);
            left.retain(|text| !(is_disturbed && text.contains(".old-")));
            // What the power cut short when a run was over already goes with the next run, and this is none.
            let is_swept = |text: &str| text.contains("journal/") && text.ends_with("is left over");
            left.retain(|text| !(what == What::Prune && is_swept(text)));
            problems.extend(left);
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
        if self.sort.hooks {
            found.extend(self.marks());
        }
        found
    }

    /// The stack as it is, with the data as it was where that has only been migrated and was not to come back: where the operation
    /// says so, and where it is none that guards it.
    fn migrated(&self, what: What, before: &Picture, after: &Picture) -> Picture {
        let mut found = after.clone();
        let meant = match (&self.open, what) {
            (Some(open), What::Recover) => open.what,
            _ => what,
        };
        // Those of a release that has no data to come back.
        let compose = self.stack.directory.join("docker-compose.yml");
        let text = self.machine.with(|world| world.disk.text(&compose)).unwrap_or_default();
        let guards = text.contains("on_failure: restore")
            && matches!(meant, What::Deploy | What::UpdateA | What::UpdateB);
        if self.data_stays || !guards {
            for (name, data) in &mut found.data {
                if let Some(was) = before.data.get(name).filter(|was| has_migrated(was, data)) {
                    data.clone_from(was);
                }
            }
        }
        found
    }

    /// What has to hold of the data.
    pub(super) fn judge_data(
        &self,
        (what, is_done): (What, bool),
        before: &Picture,
        after: &Picture,
        end: &End,
        saved: &[BTreeMap<&'static str, String>],
    ) -> Vec<String> {
        let mut found = self.half_sets();
        if is_done {
            found.extend(self.lost(what, before, after));
        }
        let Ended::Done(Ok(reports)) = end else { return found };
        let is_well = reports.last().is_some_and(|report| report.outcome == Outcome::Deployed);
        if is_well && matches!(what, What::RollbackData | What::RestoreData(_)) {
            // A recovery in the same breath may have completed the backup that was meant.
            let late = if self.open.is_some() { self.saved() } else { Vec::new() };
            found.extend(self.came_back(&[saved, &late].concat()));
        }
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
        let users = |picture: &Picture| {
            let mut files = picture.files.clone();
            files.retain(|path, _| !path.ends_with(OVERRIDE));
            files
        };
        if is_first && !what.restores_files() && users(before) != users(after) {
            found.push("the user's files have changed".to_owned());
        }
        if what == What::Deploy {
            found.extend(self.changed_by_compose());
        }
        if what.is_whole() && self.sort.gateway {
            found.extend(unfit(self));
        }
        found
    }

    fn containers(&self, release: &Release, what: What, known: &BTreeSet<String>) -> Vec<String> {
        let mut found = Vec::new();
        let world = self.machine.snapshot();
        let own = |c: &&FakeContainer| {
            c.project.as_deref() == Some(PROJECT) && !is_warm(&c.name) && !is_gateway(&world, c)
        };
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
            let is_lost = container.life.status == Status::Running
                && what.is_whole()
                && !world.engine.is_found(container);
            if is_lost {
                found.push(format!("{} has not its service's name", container.name));
            }
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
            // It ends those that are still up for a while.
            let lasting = |world: &World| {
                let all = world.engine.containers.values().filter(|c| !is_warm(&c.name));
                all.map(|container| container.id.clone()).collect::<Vec<_>>()
            };
            machine.with(|world| lasting(world))
        };
        let before = ids(&machine);
        match machine.with(|world| world.compose_up(&self.stack())) {
            Err(error) => vec![format!("`docker compose up` fails: {error}")],
            Ok(()) if ids(&machine) != before => vec!["`docker compose up` changes it".to_owned()],
            Ok(()) => Vec::new(),
        }
    }
}
