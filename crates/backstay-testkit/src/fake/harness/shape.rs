//! What a container is to its users.

use std::collections::{BTreeMap, BTreeSet};

use backstay_core::engine::{Health, HostPort, Status};
use backstay_core::stack::Restart;

use crate::fake::{Behaviour, EngineState, FakeContainer};

/// A container without what differs between two that are equally good.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shape {
    /// Its id: that of a container that was there before the operation has to stay.
    pub(super) id: String,
    service: String,
    number: u32,
    image: String,
    image_ref: String,
    doing: String,
    health: Option<Health>,
    networks: BTreeMap<String, BTreeSet<String>>,
    bound: Vec<HostPort>,
    restart: String,
    fingerprint: Option<String>,
    compose_hash: Option<String>,
    run: Option<String>,
    mounts: Vec<(String, String)>,
    lives_in: Option<String>,
}

impl Shape {
    pub(super) fn of(container: &FakeContainer, engine: &EngineState) -> Self {
        let life = &container.life;
        // One that ends by itself and is started again by its policy is up and down by turns, whoever looks.
        let falls = matches!(engine.behaviour(container), Behaviour::CrashAfter(_))
            && container.spec.restart == Restart::Always
            && matches!(life.status, Status::Running | Status::Restarting);
        let doing = match life.status {
            _ if falls => "up and down".to_owned(),
            // Whether it was stopped or has ended, it does not run.
            Status::Exited => format!("ended with {}", life.exit_code),
            status => format!("{status:?}"),
        };
        let name = |id: &String| engine.containers.get(id).map_or("nobody", |c| c.name.as_str());
        let networks = container.networks.iter();
        let mounts = container.spec.mounts.iter();
        Self {
            id: container.id.clone(),
            service: container.service.clone(),
            number: container.number,
            image: container.image.clone(),
            image_ref: container.image_ref.clone(),
            doing,
            // That of one that does not run is old news.
            health: life.health.filter(|_| life.status == Status::Running && !falls),
            networks: networks
                .map(|(n, names)| (n.clone(), names.iter().cloned().collect()))
                .collect(),
            bound: if falls { Vec::new() } else { life.bound.clone() },
            restart: format!("{:?}", container.spec.restart),
            fingerprint: container.fingerprint.clone(),
            compose_hash: container.compose_hash.clone(),
            run: container.run.clone(),
            mounts: mounts.map(|mount| (mount.target.clone(), mount.source.clone())).collect(),
            lives_in: container.spec.lives_in.as_ref().map(|id| name(id).to_owned()),
        }
    }

    /// Takes over what differs between two runs that do the same.
    pub(super) fn made_like(&mut self, other: &Self) {
        self.run.clone_from(&other.run);
        if self.mounts.iter().map(|m| &m.0).eq(other.mounts.iter().map(|m| &m.0)) {
            self.mounts.clone_from(&other.mounts);
        }
    }

    /// The fields in which another one differs, in words.
    pub(super) fn differences(&self, other: &Self, known_ids: &BTreeSet<String>) -> Vec<String> {
        let mut found = Vec::new();
        let mut compare = |what: &str, wanted: String, is: String| {
            if wanted != is {
                found.push(format!("{what} is {is}, not {wanted}"));
            }
        };
        if known_ids.contains(&self.id) || known_ids.contains(&other.id) {
            compare("its id", short(&self.id), short(&other.id));
        }
        macro_rules! fields {
            ($($field:ident),*) => {
                $(compare(stringify!($field), show(&self.$field), show(&other.$field));)*
            };
        }
        fields!(service, number, image, image_ref, doing, health, networks, bound, restart);
        fields!(fingerprint, compose_hash, run, mounts, lives_in);
        found
    }
}

fn show(value: &impl std::fmt::Debug) -> String {
    format!("{value:?}")
}

fn short(id: &str) -> String {
    id.chars().take(12).collect()
}
