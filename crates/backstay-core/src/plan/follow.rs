//! Whoever found the old container finds the new one: services that look an address up once.
//!
//! A proxy such as nginx asks for the address of `http://app` when it reads its configuration, and never again. So where a
//! service gets another address, those that may have looked it up have to look again.

use serde::{Deserialize, Serialize};

use super::change::{Action, Change};
use super::desired::Desired;
use super::hazards;
use crate::engine::{Container, Status};
use crate::stack::{Again, Service};

/// A service that stays while another one is replaced, and has to look again where that one is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Follower {
    /// The service that looks again.
    pub service: String,
    /// The service that is replaced.
    pub of: String,
    /// How it is brought to look again.
    pub how: Again,
    /// When.
    pub when: When,
}

/// When a service has to look again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// Whenever the other one was replaced.
    Replaced,
    /// Where the other one has another address afterwards.
    Moved,
}

/// Proxies that ask for an address each time, or are told by the engine.
const ASKS_AGAIN: [&str; 5] = ["traefik", "caddy", "envoy", "nginx-proxy", "caddy-docker-proxy"];

/// The followers of what is replaced.
pub(super) fn followers(
    desired: &Desired<'_>,
    live: &[Container],
    changes: &[Change],
) -> Vec<Follower> {
    let mut found = Vec::new();
    let services = &desired.model.services;
    for change in changes.iter().filter(|change| change.replaces()) {
        let Some(of) = services.get(&change.service) else { continue };
        // Nobody has an address of one that has ended by itself.
        if hazards::is_awaited_to_end(desired.model, &of.name) {
            continue;
        }
        for service in services.values().filter(|service| service.name != of.name) {
            let runs = live.iter().any(|container| {
                container.service == service.name && container.state.status == Status::Running
            });
            let touched = changes.iter().any(|c| {
                c.service == service.name && matches!(c.action, Action::Replace | Action::Remove)
            });
            // One that borrows its namespaces is replaced with it.
            if !runs || touched || service.borrows.contains(&of.name) {
                continue;
            }
            if let Some((how, when)) = follows(desired, service, of) {
                let (service, of) = (service.name.clone(), of.name.clone());
                found.push(Follower { service, of, how, when });
            }
        }
    }
    found
}

/// Whether and how a service follows another one.
pub(super) fn follows(
    desired: &Desired<'_>,
    service: &Service,
    of: &Service,
) -> Option<(Again, When)> {
    if service.follow.as_ref().is_some_and(|follow| follow.never) {
        return None;
    }
    if let Some(how) = service.follow.as_ref().and_then(|follow| follow.of(&of.name, service)) {
        return Some((how, When::Replaced));
    }
    if service.depends_on.get(&of.name).is_some_and(|dependency| dependency.restart) {
        return Some((Again::Restart, When::Replaced));
    }
    let relies = hazards::relies_on(service, &of.name);
    if let Some(how) = known(desired, service) {
        return (relies || meet(service, of)).then_some((how, When::Moved));
    }
    (relies && !asks_again(service)).then_some((Again::Restart, When::Moved))
}

fn meet(one: &Service, other: &Service) -> bool {
    one.networks.keys().any(|network| other.networks.contains_key(network))
}

/// How a proxy that is known by its image is brought to read its configuration again, without losing a connection.
fn known(desired: &Desired<'_>, service: &Service) -> Option<Again> {
    let signal = |signal: &str| Some(Again::Signal { signal: signal.to_owned(), renews: true });
    let name = image_name(service);
    let facts = desired.facts.get(&service.name).and_then(|facts| facts.image.as_ref());
    let runs = |program: &str| {
        !asks_again(service)
            && (name.split(['-', '_']).any(|part| part == program)
                || facts.is_some_and(|facts| facts.programs().any(|word| word == program)))
    };
    if ["nginx", "openresty", "angie", "freenginx"].iter().any(|program| runs(program)) {
        return signal("HUP");
    }
    if runs("haproxy") {
        return signal("HUP");
    }
    let apache = name == "httpd" || runs("apache2-foreground") || runs("httpd-foreground");
    if apache { signal("USR1") } else { None }
}

fn asks_again(service: &Service) -> bool {
    let name = image_name(service);
    ASKS_AGAIN.contains(&name)
}

/// The last part of the image's name, without tag and digest.
fn image_name(service: &Service) -> &str {
    let reference = service.image.split('@').next().unwrap_or_default();
    let last = reference.rsplit('/').next().unwrap_or(reference);
    last.split(':').next().unwrap_or(last)
}
