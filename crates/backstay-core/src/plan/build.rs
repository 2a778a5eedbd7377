//! `Plan::build`: from what should be and what is to the ordered steps, with no side effect.

use std::collections::BTreeSet;

use super::change::{Action, Change, Method, Reason, Why};
use super::desired::{Desired, Manner, Running};
use super::follow::{self, When};
use super::gateway::{Fate, fate};
use super::hazards;
use super::host_ports::Ports;
use super::method::{Case, choose, shares};
use super::stages;
use super::step::{Plan, Step};
use super::warm;
use super::waves::{in_waves, waves};
use crate::engine::{Container, Status};
use crate::stack::{Restart, Service};

impl Plan {
    /// Computes the plan.
    #[must_use]
    pub fn build(desired: &Desired<'_>, running: &Running, manner: Manner) -> Self {
        let mut changes = changes(desired, running, manner);
        let left = spare_memory(desired, &mut changes);
        let followers = follow::followers(desired, &running.containers, &changes);
        for change in changes.iter_mut().filter(|change| change.action != Action::Keep) {
            let service = desired.model.services.get(&change.service);
            change.only_seen =
                service.is_some_and(|service| hazards::is_only_seen(desired, service));
        }
        for change in changes.iter_mut().filter(|change| change.replaces()) {
            if change.runs_twice() && change.why != [Why::OneShot] {
                let service = desired.model.services.get(&change.service);
                change.shares = service.map(|service| shares(desired, service)).unwrap_or_default();
            }
            if change.overlaps() {
                // Those that are started anew would be interrupted; who keeps the address needs nothing.
                let stuck = followers.iter().filter(|follower| {
                    follower.of == change.service
                        && follower.when == When::Moved
                        && follower.how == crate::stack::Again::Restart
                });
                change.keeps_address_for = stuck.map(|f| f.service.clone()).collect();
            }
        }
        warm::note(desired, running, manner, &mut changes, &followers, left);
        let steps = steps(desired, running, &changes, &followers);
        Self { changes, steps, followers }
    }

    /// The services that get new containers, or may get them after a build: only of these more has to be known.
    #[must_use]
    pub fn touched(desired: &Desired<'_>, running: &Running, manner: Manner) -> BTreeSet<String> {
        let changes = changes(desired, running, manner).into_iter();
        let touched =
            changes.filter(|change| change.creates() || change.action == Action::BuildFirst);
        touched.map(|change| change.service).collect()
    }

    /// Whether nothing has to be done to any container or tag.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.iter().all(|step| matches!(step, Step::Verify))
    }

    /// Whether one of `services` takes a host port over that another one's `live` containers have.
    #[must_use]
    pub(crate) fn trades_ports(
        &self,
        desired: &Desired<'_>,
        live: &[Container],
        services: &[String],
    ) -> bool {
        let running = Running { containers: live.to_vec(), ..Running::default() };
        let ports = Ports { desired, running: &running, changes: &self.changes };
        services.iter().any(|from| services.iter().any(|to| ports.hands_over(from, to)))
    }

    /// The change of a service.
    #[must_use]
    pub fn change(&self, service: &str) -> Option<&Change> {
        self.changes.iter().find(|change| change.service == service)
    }
}

fn changes(desired: &Desired<'_>, running: &Running, manner: Manner) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    let waves = desired.model.order().unwrap_or_default();
    for service in waves.iter().flatten().filter_map(|name| desired.model.services.get(name)) {
        let live: Vec<&Container> = running
            .containers
            .iter()
            .filter(|container| container.service == service.name)
            .collect();
        let in_scope = desired.only.as_ref().is_none_or(|only| only.contains(&service.name));
        let lender = service.borrows.iter().find(|name| {
            changes.iter().any(|change| &&change.service == name && change.makes_new_namespaces())
        });
        let (action, reasons) = if in_scope {
            compare(desired, running, service, &live, lender)
        } else {
            // A borrower must follow the container whose namespaces it lives in, named or not.
            match lender {
                Some(name) if !live.is_empty() => {
                    (Action::Replace, vec![Reason::Borrows { service: name.clone() }])
                }
                _ => (Action::Keep, Vec::new()),
            }
        };
        let takes_port = running.containers.iter().any(|container| {
            container.service != service.name && super::host_ports::claims(service, container)
        });
        let first = running.containers.is_empty();
        let case = Case { desired, service, live: &live, first, takes_port, manner };
        let (method, why) = choose(&case, &action);
        changes.push(Change::new(&service.name, action, method, why, reasons));
    }
    let known: BTreeSet<&str> = desired.model.services.keys().map(String::as_str).collect();
    let gone: BTreeSet<&str> = running
        .containers
        .iter()
        .map(|c| c.service.as_str())
        .filter(|name| !known.contains(name))
        .collect();
    let in_scope = |name: &&str| desired.only.as_ref().is_none_or(|only| only.contains(*name));
    changes.extend(
        gone.into_iter()
            .filter(in_scope)
            .map(|name| Change::new(name, Action::Remove, Method::None, Vec::new(), Vec::new())),
    );
    changes
}

fn compare(
    desired: &Desired<'_>,
    running: &Running,
    service: &Service,
    live: &[&Container],
    lender: Option<&String>,
) -> (Action, Vec<Reason>) {
    if live.is_empty() {
        return if service.replicas == 0 {
            (Action::Keep, Vec::new())
        } else {
            (Action::Add, Vec::new())
        };
    }
    let mut reasons = Vec::new();
    if let Some(name) = lender {
        reasons.push(Reason::Borrows { service: name.clone() });
    } else if let Some(name) = service.borrows.first()
        && live.iter().any(|container| running.cut_off.contains(&container.id))
    {
        reasons.push(Reason::Borrows { service: name.clone() });
    }
    let wanted = desired.fingerprints.get(&service.name);
    if live
        .iter()
        .any(|c| c.fingerprint.as_ref().or_else(|| running.fingerprints.get(&c.id)) != wanted)
    {
        reasons.push(Reason::Definition);
    }
    let image = desired.images.get(&service.name).and_then(Option::as_ref);
    if let Some(image) = image
        && let Some(other) = live.iter().find(|container| &container.image != image)
    {
        reasons.push(Reason::Image { from: other.image.clone(), to: image.clone() });
    }
    if live.iter().any(|container| matches!(container.state.status, Status::Dead)) {
        reasons.push(Reason::NotRunning);
    }
    if !reasons.is_empty() {
        return (Action::Replace, reasons);
    }
    if image.is_none() {
        return (Action::BuildFirst, Vec::new());
    }
    let count = u32::try_from(live.len()).unwrap_or(u32::MAX);
    let is_down = live.iter().any(|container| !is_as_it_should(service, container));
    if is_down && count != service.replicas {
        return (Action::Replace, vec![Reason::NotRunning]);
    }
    if count != service.replicas {
        return (Action::Scale { from: count, to: service.replicas }, Vec::new());
    }
    if is_down {
        return (Action::Start, vec![Reason::NotRunning]);
    }
    (Action::Keep, Vec::new())
}

/// Whether a container runs, or has run to its end where that is what it is for.
fn is_as_it_should(service: &Service, container: &Container) -> bool {
    match container.state.status {
        Status::Running | Status::Restarting | Status::Paused => true,
        Status::Exited => {
            container.state.exit_code == 0
                && service.restart != Restart::Always
                && service.may_complete()
        }
        Status::Created | Status::Dead => false,
    }
}

/// Where the memory that is free does not hold all that would run twice, those that would not fit are stopped first.
/// Returns what is left then; `None` where it is not known.
fn spare_memory(desired: &Desired<'_>, changes: &mut [Change]) -> Option<u64> {
    let memory = desired.memory.as_ref()?;
    // A tenth stays, for whatever else goes on.
    let mut left = memory.free - memory.free / 10;
    for change in changes.iter_mut() {
        let twice = change.action == Action::Replace && change.is_rehearsed();
        if !twice || change.why.contains(&Why::OneShot) {
            continue;
        }
        let needs = memory.used.get(&change.service).copied().unwrap_or_default();
        // Twin, new and old one run at once for a moment.
        let times = if change.method == Method::RehearsedBeside { 2 } else { 1 };
        match left.checked_sub(needs.saturating_mul(times)) {
            Some(rest) => left = rest,
            None => {
                change.method = Method::StopFirst;
                change.why.push(Why::Memory { needs, free: memory.free });
            }
        }
    }
    Some(left)
}

fn steps(
    desired: &Desired<'_>,
    running: &Running,
    changes: &[Change],
    followers: &[follow::Follower],
) -> Vec<Step> {
    let named = |wanted: &dyn Fn(&Change) -> bool| -> Vec<String> {
        changes.iter().filter(|change| wanted(change)).map(|c| c.service.clone()).collect()
    };
    let ports = Ports { desired, running, changes };
    let removed = named(&|change| change.action == Action::Remove);
    let started = named(&|change| change.action == Action::Start);
    let created = named(&Change::creates);
    let new = named(&|change| change.creates() || change.action == Action::Start);
    let waves = waves(&ports);
    // What goes is in nobody's way and goes last, unless somebody waits for its port.
    let goes_first = removed.iter().any(|name| ports.takes_from(name));
    let mut steps = Vec::new();
    let mut add = |step: Step, services: &[String]| {
        if !services.is_empty() {
            steps.push(step);
        }
    };
    add(Step::Tags, &running.stale_tags.iter().cloned().collect::<Vec<_>>());
    let frees_start = goes_first
        && started.iter().any(|to| removed.iter().any(|from| ports.hands_over(from, to)));
    if frees_start {
        add(Step::Remove { services: removed.clone() }, &removed);
    }
    // Before others are tried that may need it.
    add(Step::Start { services: started.clone() }, &started);
    add(Step::Create { services: created.clone() }, &created);
    // Candidates have no host ports that anybody else has: only dependencies count for them.
    let order = desired.model.order().unwrap_or_default();
    let mut proven = stages::first(desired.model, changes);
    let rehearsed = in_waves(&order, &proven.iter().cloned().collect::<Vec<_>>());
    add(Step::Rehearse { waves: rehearsed.clone() }, &rehearsed.concat());
    if goes_first && !frees_start {
        add(Step::Remove { services: removed.clone() }, &removed);
    }
    let fate = fate(desired, running, changes);
    let early: &[String] = if let Fate::Comes(early) = &fate { early } else { &[] };
    let any = ["gateway".to_owned()];
    if matches!(fate, Fate::Comes(_)) {
        add(Step::MakeGateway, &any);
        // All at once: its ports are free only when nobody has one of them.
        add(Step::Retire { services: early.to_vec() }, early);
    }
    if fate == Fate::Stays {
        // Whom it leads to instead of them until others take over is no mistake.
        let meant = |name: &&String| {
            running.stand_ins.contains_key(*name)
                && changes.iter().any(|c| &c.service == *name && c.action == Action::Replace)
        };
        let astray: Vec<String> =
            running.astray.iter().filter(|name| !meant(name)).cloned().collect();
        add(Step::Routes { services: astray.clone() }, &astray);
    } else {
        add(Step::SwitchGateway { on: fate != Fate::Goes }, &any);
    }
    let mut watched: BTreeSet<&str> = BTreeSet::new();
    for wave in in_waves(&waves, &named(&Change::switches)) {
        // What could not be proven before what it depends on was there.
        let late: Vec<String> = wave
            .iter()
            .filter(|name| !proven.contains(*name))
            .filter(|name| changes.iter().any(|c| &c.service == *name && c.is_rehearsed()))
            .cloned()
            .collect();
        let late = in_waves(&order, &late);
        add(Step::Rehearse { waves: late.clone() }, &late.concat());
        proven.extend(late.concat());
        let followed: BTreeSet<&str> = followers
            .iter()
            .filter(|follower| wave.contains(&follower.of))
            .map(|follower| follower.service.as_str())
            .filter(|name| watched.insert(name))
            .collect();
        let followed: Vec<String> = followed.into_iter().map(str::to_owned).collect();
        add(Step::Follow { services: followed.clone() }, &followed);
        let is_ahead = |change: &&Change| {
            desired.ahead.contains(&change.service)
                && !early.contains(&change.service)
                && wave.contains(&change.service)
                && change.action == Action::Replace
                && !change.overlaps()
        };
        let ahead: Vec<String> =
            changes.iter().filter(is_ahead).map(|change| change.service.clone()).collect();
        add(Step::Retire { services: ahead.clone() }, &ahead);
        let paused: Vec<String> =
            ahead.into_iter().filter(|s| desired.pauses.contains(s)).collect();
        add(Step::Pause { services: paused.clone() }, &paused);
        add(Step::Replace { services: wave.clone() }, &wave);
    }
    if !goes_first {
        add(Step::Remove { services: removed.clone() }, &removed);
    }
    add(Step::Bake { services: new.clone() }, &new);
    steps.push(Step::Verify);
    steps
}
