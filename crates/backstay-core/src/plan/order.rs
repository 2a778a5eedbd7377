//! The steps of a plan, in their order.

use std::collections::BTreeSet;

use super::change::{Action, Change, Why};
use super::desired::{Desired, Running};
use super::follow::Follower;
use super::gateway::Fate;
use super::host_ports::Ports;
use super::led::Led;
use super::stages;
use super::step::Step;
use super::waves::{in_waves, waves};

/// What the steps are made from.
pub(super) struct Around<'a> {
    pub(super) desired: &'a Desired<'a>,
    pub(super) running: &'a Running,
    pub(super) changes: &'a [Change],
    pub(super) followers: &'a [Follower],
    pub(super) gateway_followers: &'a [Follower],
    pub(super) fate: &'a Fate,
    pub(super) led: &'a Led<'a>,
}

impl Around<'_> {
    fn named(&self, wanted: impl Fn(&Change) -> bool) -> Vec<String> {
        let found = self.changes.iter().filter(|change| wanted(change));
        found.map(|change| change.service.clone()).collect()
    }

    fn has_live(&self, change: &Change) -> bool {
        self.running.containers.iter().any(|container| container.service == change.service)
    }

    /// The services for which the gateway that stays leads elsewhere, or not by all of their ports.
    fn astray(&self) -> Vec<String> {
        let narrow = self.led.inside.carried.iter().filter(|(name, carried)| {
            let ports = self.running.inside.get(*name);
            !ports.is_some_and(|ports| carried.ports.is_subset(ports))
        });
        // Whom it leads to instead of them until others take over is no mistake.
        let meant = |name: &&String| {
            self.running.stand_ins.contains_key(*name)
                && self.changes.iter().any(|c| &c.service == *name && c.action == Action::Replace)
        };
        let elsewhere = self.running.astray.iter().filter(|name| !meant(name));
        let all: BTreeSet<&String> = narrow.map(|(name, _)| name).chain(elsewhere).collect();
        all.into_iter().cloned().collect()
    }

    /// The services that let go of the gateway's host ports before it comes.
    fn early(&self) -> &[String] {
        if let Fate::Comes(early) = self.fate { early } else { &[] }
    }

    /// Those whose names go to a gateway that comes, or come back from one that goes, and that need none of its host ports: they
    /// are switched while both can be found, and before anybody is started who looks them up for the first time.
    fn handed(&self) -> Vec<String> {
        let has_ports = |name: &str| {
            let service = self.desired.model.services.get(name);
            service.is_some_and(|service| !service.ports.is_empty())
        };
        self.named(|change| {
            *self.fate != Fate::Stays
                && change.action == Action::Replace
                && self.led.changes_hands(&change.service)
                && !self.early().contains(&change.service)
                && !self.desired.still.contains(&change.service)
                && !has_ports(&change.service)
        })
    }
}

/// The steps so far.
struct Steps<'a> {
    around: &'a Around<'a>,
    steps: Vec<Step>,
    /// The order of dependencies, and that of the switch.
    order: Vec<Vec<String>>,
    waves: Vec<Vec<String>>,
    /// Who has proved itself.
    proven: BTreeSet<String>,
    /// Who has been taken note of.
    watched: BTreeSet<&'a str>,
    /// Whether data does not come back by itself any more.
    is_open: bool,
}

impl<'a> Steps<'a> {
    fn add(&mut self, step: Step, services: &[String]) {
        if !services.is_empty() {
            self.steps.push(step);
        }
    }

    fn follow(&mut self, followers: impl Iterator<Item = &'a Follower>) {
        let names = followers.map(|follower| follower.service.as_str());
        let new: BTreeSet<&str> = names.filter(|name| self.watched.insert(name)).collect();
        let services: Vec<String> = new.into_iter().map(str::to_owned).collect();
        self.add(Step::Follow { services: services.clone() }, &services);
    }

    /// Lets services be switched, each when its turn has come.
    fn switch(&mut self, names: &[String]) {
        let Around { desired, changes, followers, .. } = *self.around;
        let early = self.around.early();
        for wave in in_waves(&self.waves, names) {
            // What could not be proven before what it depends on was there.
            let late: Vec<String> = wave
                .iter()
                .filter(|name| !self.proven.contains(*name))
                .filter(|name| changes.iter().any(|c| &c.service == *name && c.is_rehearsed()))
                .cloned()
                .collect();
            let late = in_waves(&self.order, &late);
            self.add(Step::Rehearse { waves: late.clone() }, &late.concat());
            self.proven.extend(late.concat());
            self.follow(followers.iter().filter(|follower| wave.contains(&follower.of)));
            let is_ahead = |change: &&Change| {
                desired.ahead.contains(&change.service)
                    && !desired.still.contains(&change.service)
                    && !early.contains(&change.service)
                    && wave.contains(&change.service)
                    && change.action == Action::Replace
                    && !change.overlaps()
            };
            let ahead: Vec<String> =
                changes.iter().filter(is_ahead).map(|change| change.service.clone()).collect();
            self.add(Step::Retire { services: ahead.clone() }, &ahead);
            let paused: Vec<String> =
                ahead.into_iter().filter(|s| desired.pauses.contains(s)).collect();
            self.add(Step::Pause { services: paused.clone() }, &paused);
            let serves = |change: &Change| {
                wave.contains(&change.service)
                    && desired.still.contains(&change.service)
                    && !change.why.contains(&Why::OneShot)
            };
            if changes.iter().any(serves) {
                self.open();
            }
            self.add(Step::Replace { services: wave.clone() }, &wave);
        }
    }

    /// Lets those who write data stand still, saves it, and changes it.
    fn data(&mut self) {
        let Around { desired, .. } = *self.around;
        let still = self.around.named(|change| {
            desired.still.contains(&change.service) && self.around.has_live(change)
        });
        self.add(Step::Retire { services: still.clone() }, &still);
        let data = &desired.data;
        self.add(Step::SaveData { data: data.clone() }, data);
        if desired.returns {
            self.add(Step::RestoreData { data: data.clone() }, data);
        } else {
            self.add(Step::Guard { data: data.clone() }, data);
        }
    }

    /// From here on requests reach the new release, and what it acknowledges is not taken back.
    fn open(&mut self) {
        if !self.is_open {
            self.is_open = true;
            let data = &self.around.desired.data;
            self.add(Step::Open { data: data.clone() }, data);
        }
    }

    /// Lets those run again that stood still and stay as they are.
    fn resume(&mut self) {
        let Around { desired, .. } = *self.around;
        let kept = self.around.named(|change| {
            matches!(change.action, Action::Keep | Action::Start)
                && desired.still.contains(&change.service)
                && self.around.has_live(change)
        });
        if !kept.is_empty() {
            self.open();
        }
        self.add(Step::Resume { services: kept.clone() }, &kept);
    }
}

/// The steps.
pub(super) fn steps(around: &Around<'_>) -> Vec<Step> {
    let Around { desired, running, changes, fate, .. } = *around;
    let ports = Ports { desired, running, changes };
    let removed = around.named(|change| change.action == Action::Remove);
    let started = around
        .named(|change| change.action == Action::Start && !desired.still.contains(&change.service));
    let created = around.named(Change::creates);
    let new = around.named(|change| change.creates() || change.action == Action::Start);
    // What goes is in nobody's way and goes last, unless somebody waits for its port.
    let goes_first = removed.iter().any(|name| ports.takes_from(name));
    let mut steps = Steps {
        around,
        steps: Vec::new(),
        // Candidates have no host ports that anybody else has: only dependencies count for them.
        order: desired.model.order().unwrap_or_default(),
        waves: waves(&ports),
        proven: stages::first(desired.model, changes, &desired.still),
        watched: BTreeSet::new(),
        is_open: desired.returns,
    };
    steps.add(Step::Tags, &running.stale_tags.iter().cloned().collect::<Vec<_>>());
    let frees_start = goes_first
        && started.iter().any(|to| removed.iter().any(|from| ports.hands_over(from, to)));
    if frees_start {
        steps.add(Step::Remove { services: removed.clone() }, &removed);
    }
    // Before others are tried that may need it.
    steps.add(Step::Start { services: started.clone() }, &started);
    steps.add(Step::Create { services: created.clone() }, &created);
    let rehearsed = in_waves(&steps.order, &steps.proven.iter().cloned().collect::<Vec<_>>());
    steps.add(Step::Rehearse { waves: rehearsed.clone() }, &rehearsed.concat());
    if goes_first && !frees_start {
        steps.add(Step::Remove { services: removed.clone() }, &removed);
    }
    let handed = around.handed();
    if *fate != Fate::Stays {
        // Their undo comes after that of everything that leads somewhere else.
        let of_handed = around.followers.iter().filter(|follower| handed.contains(&follower.of));
        steps.follow(around.gateway_followers.iter().chain(of_handed));
    }
    let any = ["gateway".to_owned()];
    match fate {
        Fate::Comes(early) => {
            steps.add(Step::MakeGateway, &any);
            // All at once: its ports are free only when nobody has one of them.
            steps.add(Step::Retire { services: early.clone() }, early);
            steps.add(Step::SwitchGateway { on: true }, &any);
            steps.switch(&handed);
        }
        Fate::Goes => {
            steps.switch(&handed);
            steps.add(Step::SwitchGateway { on: false }, &any);
        }
        Fate::Stays => {
            let astray = around.astray();
            steps.add(Step::Routes { services: astray.clone() }, &astray);
        }
    }
    steps.data();
    let rest = around.named(|change| change.switches() && !handed.contains(&change.service));
    steps.switch(&rest);
    if !goes_first {
        steps.add(Step::Remove { services: removed.clone() }, &removed);
    }
    steps.resume();
    steps.add(Step::Bake { services: new.clone() }, &new);
    steps.steps.push(Step::Verify);
    steps.steps
}
