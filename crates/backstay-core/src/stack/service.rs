//! One service of the model, as far as a rollout has to understand it. Everything else of it stays in [`Service::raw`].

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::data::DataSet;
use super::follow::{Again, Follow};
use super::hook::Hooks;
use super::port::Port;
use super::probe::Probe;
use super::pull_policy::PullPolicy;

/// A service of a Compose model.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Its name in the model.
    pub name: String,
    /// The image reference that its containers are created from; what Compose itself would name a built image.
    pub image: String,
    /// The `build` section, for an application service.
    pub build: Option<BuildSection>,
    /// `container_name`.
    pub container_name: Option<String>,
    /// How many containers it has: `deploy.replicas`, else `scale`, else 1.
    pub replicas: u32,
    /// `depends_on`.
    pub depends_on: BTreeMap<String, Dependency>,
    /// Published ports.
    pub ports: Vec<Port>,
    /// `network_mode`, where it is set.
    pub network_mode: Option<String>,
    /// Services whose namespaces or volumes this one's containers borrow: `network_mode`, `pid`, `ipc`, `volumes_from`.
    pub borrows: Vec<String>,
    /// Networks it joins.
    pub networks: BTreeMap<String, ServiceNetwork>,
    /// `healthcheck`, where the model has one that is not disabled.
    pub healthcheck: Option<Healthcheck>,
    /// Health checks under `x-backstay.health`, on top of `healthcheck`.
    pub probes: Vec<Probe>,
    /// `x-backstay.follow`: whose addresses it looks up once.
    pub follow: Option<Follow>,
    /// `x-backstay.data`: how its data is saved.
    pub data: Option<DataSet>,
    /// What its restart policy means for a container that ends.
    pub restart: Restart,
    /// Mounts.
    pub mounts: Vec<Mount>,
    /// `deploy.update_config`, with defaults left open.
    pub update: UpdateConfig,
    /// `deploy.rollback_config`, with defaults left open.
    pub rollback: UpdateConfig,
    /// `stop_grace_period`; 10 s where it is not set.
    pub stop_grace: Duration,
    /// `pull_policy`.
    pub pull_policy: Option<String>,
    /// Names of `configs` it uses.
    pub configs: Vec<String>,
    /// Names of `secrets` it uses.
    pub secrets: Vec<String>,
    /// What is run around the start and the end of its containers.
    pub hooks: Hooks,
    /// The whole definition, as Compose resolved it.
    pub raw: Value,
}

impl Service {
    /// Whether the service is built here (an application service) and not only pulled (an infrastructure service).
    #[must_use]
    pub const fn is_application(&self) -> bool {
        self.build.is_some()
    }

    /// The container's TCP ports that the model publishes or exposes.
    #[must_use]
    pub fn tcp_ports(&self) -> BTreeSet<u16> {
        let published = self.ports.iter().filter(|port| port.protocol == "tcp");
        let exposed = self.raw.get("expose").and_then(Value::as_array);
        let exposed = exposed.into_iter().flatten().filter_map(|port| {
            let text = port.as_str().map_or_else(|| port.to_string(), str::to_owned);
            // A range says what could be, not what is.
            text.strip_suffix("/tcp").unwrap_or(&text).parse().ok()
        });
        published.map(|port| port.target).chain(exposed).collect()
    }

    /// Whether the model says nothing that its containers could be asked.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.healthcheck.is_none() && self.probes.is_empty() && self.tcp_ports().is_empty()
    }

    /// Whether its files name its image, so that there is something to pull. Compose names other images itself.
    #[must_use]
    pub fn names_image(&self) -> bool {
        self.raw.get("image").and_then(Value::as_str).is_some_and(|image| !image.is_empty())
    }

    /// When its image is pulled.
    #[must_use]
    pub fn pull_policy(&self) -> PullPolicy {
        let after = self.raw.get("pull_refresh_after").and_then(Value::as_str);
        PullPolicy::parse(self.pull_policy.as_deref(), after)
    }

    /// `platform`.
    #[must_use]
    pub fn platform(&self) -> Option<&str> {
        self.raw.get("platform").and_then(Value::as_str).filter(|platform| !platform.is_empty())
    }

    /// Whether `build.platforms` names several.
    #[must_use]
    pub fn builds_for_many(&self) -> bool {
        let platforms = self.raw.pointer("/build/platforms").and_then(Value::as_array);
        platforms.is_some_and(|platforms| platforms.len() > 1)
    }

    /// `build.additional_contexts`.
    #[must_use]
    pub fn build_contexts(&self) -> BTreeMap<String, String> {
        let contexts = self.raw.pointer("/build/additional_contexts");
        let pairs = contexts.and_then(Value::as_object).into_iter().flatten();
        pairs.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
    }

    /// How its containers are to be replaced: by `update_config`, on the way back by `rollback_config` where that says.
    #[must_use]
    pub fn rollout(&self, rollback: bool) -> UpdateConfig {
        let update = &self.update;
        if !rollback {
            return update.clone();
        }
        let back = &self.rollback;
        UpdateConfig {
            parallelism: back.parallelism.or(update.parallelism),
            delay: back.delay.or(update.delay),
            failure_action: back.failure_action.or(update.failure_action),
            monitor: back.monitor.or(update.monitor),
            max_failure_ratio: if back.max_failure_ratio > 0.0 {
                back.max_failure_ratio
            } else {
                update.max_failure_ratio
            },
            order: back.order.or(update.order),
        }
    }
}

/// The parts of a `build` section that Backstay itself needs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BuildSection {
    /// Further tags that a build gives to the image.
    pub tags: Vec<String>,
}

/// `depends_on.<service>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dependency {
    /// When the dependency counts as met.
    pub condition: Condition,
    /// Whether its absence is an error.
    pub required: bool,
    /// Whether the service is to be started anew when the dependency has been replaced.
    pub restart: bool,
}

/// `depends_on.<service>.condition`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// It has been started.
    ServiceStarted,
    /// Its healthcheck passes.
    ServiceHealthy,
    /// It has ended with exit code 0.
    ServiceCompletedSuccessfully,
}

/// `networks.<name>` of a service.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServiceNetwork {
    /// Extra DNS names there.
    pub aliases: Vec<String>,
    /// Whether it has an address of its own there, so that two containers cannot join at once.
    pub fixed_address: bool,
}

/// `healthcheck`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Healthcheck {
    /// Time between probes.
    pub interval: Duration,
    /// How long a probe may take.
    pub timeout: Duration,
    /// Failures in a row until a container is unhealthy.
    pub retries: u32,
    /// Time in which failures do not count.
    pub start_period: Duration,
}

impl Follow {
    /// How the service that has this follows another one; `None` where it does not.
    #[must_use]
    pub fn of(&self, other: &str, service: &Service) -> Option<Again> {
        let named = match &self.services {
            Some(services) => services.iter().any(|name| name == other),
            None => service.depends_on.contains_key(other),
        };
        (named && !self.never).then(|| self.again.clone().unwrap_or(Again::Restart))
    }
}

impl Healthcheck {
    /// How long a container may take to become healthy by its own account:
    /// `start_period + (interval + timeout) × retries`.
    #[must_use]
    pub fn budget(&self) -> Duration {
        let probe = self.interval.saturating_add(self.timeout);
        self.start_period.saturating_add(probe.saturating_mul(self.retries.max(1)))
    }
}

/// What a restart policy means for a container that ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restart {
    /// `no`, or nothing said.
    Never,
    /// `on-failure`.
    OnFailure,
    /// `always` or `unless-stopped`: it should live.
    Always,
}

/// Where a mount comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MountKind {
    /// A path of the host.
    Bind,
    /// A volume.
    Volume,
    /// Anything else.
    Other(String),
}

/// A mount of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Where it comes from.
    pub kind: MountKind,
    /// The host path or the volume's name in the model; empty for an anonymous volume.
    pub source: String,
    /// The path in the container.
    pub target: String,
    /// Whether the container may not write.
    pub read_only: bool,
    /// Whether a source that is missing may be made: false where `bind.create_host_path` says so.
    pub create: bool,
}

/// `deploy.update_config` or `deploy.rollback_config`, with what is not said left open.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UpdateConfig {
    /// How many containers are replaced at a time; 0 means all.
    pub parallelism: Option<u32>,
    /// The pause between two batches.
    pub delay: Option<Duration>,
    /// What to do when the update fails.
    pub failure_action: Option<FailureAction>,
    /// How long to watch after each container.
    pub monitor: Option<Duration>,
    /// The share of containers that may fail.
    pub max_failure_ratio: f64,
    /// Which of the old and new container goes first.
    pub order: Option<Order>,
}

/// `update_config.failure_action`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureAction {
    /// Go on with the update.
    Continue,
    /// Undo.
    Rollback,
    /// Stop where it is. A stack is never left half new, so here this undoes the run as well.
    Pause,
}

/// `update_config.order`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// The old container is stopped before the new one starts.
    StopFirst,
    /// The new container is up before the old one is stopped.
    StartFirst,
}
