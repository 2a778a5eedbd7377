//! `Plan::build`: from what should be and what is to the ordered steps, with no side effect.

use std::collections::BTreeSet;

use super::change::{Action, Change, Method, Reason, Why};
use super::desired::{Desired, Manner, Running};
use super::follow::{self, When};
use super::gateway::{Fate, fate};
use super::hazards;
use super::host_ports::Ports;
use super::inside::{Inside, inside};
use super::led::Led;
use super::method::{Case, choose, shares};
use super::order::{Around, steps};
use super::spare::spare_memory;
use super::step::{Plan, Step};
use super::warm;
use crate::engine::{Container, Status};
use crate::stack::{Restart, Service};

impl Plan {
    /// Computes the plan.
    #[must_use]
    pub fn build(desired: &Desired<'_>, running: &Running, manner: Manner) -> Self {
        let inside = inside(desired, running);
        let mut changes = changes(desired, running, manner, &inside);
        start_late(desired, &mut changes, &inside, manner);
        let left = spare_memory(desired, &mut changes);
        let led = Led { running, inside: &inside };
        let followers = follow::followers(desired, &running.containers, &changes, &led);
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
                        // Whoever is led to the gateway now looks again in any case.
                        && !led.changes_hands(&change.service)
                        && follower.how == crate::stack::Again::Restart
                });
                change.keeps_address_for = stuck.map(|f| f.service.clone()).collect();
            }
        }
        let fate = fate(desired, running, &changes, inside.anew);
        if fate == Fate::Stays {
            warm::note(desired, running, &mut changes, &followers, left);
        }
        let gateway_followers = match fate {
            Fate::Stays => Vec::new(),
            _ => follow::gateway_followers(desired, &running.containers, &changes, &led),
        };
        let steps = steps(&Around {
            desired,
            running,
            changes: &changes,
            followers: &followers,
            gateway_followers: &gateway_followers,
            fate: &fate,
            led: &led,
        });
        let mut plan =
            Self { changes, steps, followers, inside, gateway_followers, afterwards: Vec::new() };
        plan.place_hooks(&desired.hooks);
        plan
    }

    /// The services that get new containers, or may get them after a build: only of these more has to be known.
    #[must_use]
    pub fn touched(desired: &Desired<'_>, running: &Running, manner: Manner) -> BTreeSet<String> {
        let inside = inside(desired, running);
        let changes = changes(desired, running, manner, &inside).into_iter();
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

fn changes(
    desired: &Desired<'_>,
    running: &Running,
    manner: Manner,
    inside: &Inside,
) -> Vec<Change> {
    let led = Led { running, inside };
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
            compare(desired, running, service, &live, lender, &led)
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
    led: &Led<'_>,
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
    reasons.extend(led.reason(&service.name));
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
    // Those that would stay write as well: where data is saved while nobody writes, none of them may go on.
    if count != service.replicas && desired.still.contains(&service.name) {
        let is_missing = count < service.replicas;
        let reason = if is_missing { Reason::NotRunning } else { Reason::Definition };
        return (Action::Replace, vec![reason]);
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

/// Whoever looks a service up once, and starts beside its old container, would find the other one's new container and not the
/// gateway, which leads there only later. So it starts when its turn comes, and a twin proves it before.
fn start_late(desired: &Desired<'_>, changes: &mut [Change], inside: &Inside, manner: Manner) {
    let services = &desired.model.services;
    let comes = |change: &&Change| change.creates() && inside.carried.contains_key(&change.service);
    let coming: Vec<String> =
        changes.iter().filter(comes).map(|change| change.service.clone()).collect();
    let beside = |change: &&mut Change| {
        change.creates() && change.method == Method::Beside && change.why.is_empty()
    };
    for change in changes.iter_mut().filter(beside) {
        let Some(service) = services.get(&change.service) else { continue };
        let looks_up = coming.iter().filter(|of| **of != service.name).find(|of| {
            services.get(*of).is_some_and(|of| follow::follows(desired, service, of).is_some())
        });
        let Some(of) = looks_up else { continue };
        change.why.push(Why::LooksUp { service: of.clone() });
        change.method = match change.action {
            Action::Replace if manner.rehearsal => Method::RehearsedBeside,
            _ => Method::StopFirst,
        };
    }
}
