//! What an engine holds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use backstay_core::engine::{
    Claim, ContainerFile, EngineError, EngineErrorKind, EngineResult, Health, HostPort,
    NamesInside, Status,
};
use backstay_core::routes::Snapshot;
use backstay_core::stack::{Healthcheck, HeldPort, Port, Restart};
use serde_json::Value;

use crate::fake::behaviour::Behaviour;

/// An engine's data.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EngineState {
    /// Containers by id, those of other projects and of none too.
    pub containers: BTreeMap<String, FakeContainer>,
    /// Networks by name.
    pub networks: BTreeMap<String, FakeNetwork>,
    /// Volumes by name.
    pub volumes: BTreeMap<String, FakeVolume>,
    /// Images by id.
    pub images: BTreeMap<String, FakeImage>,
    /// What the registry has, by reference.
    pub registry: BTreeMap<String, Content>,
    /// Host ports that belong to programs outside of the engine.
    pub taken: BTreeSet<HostPort>,
    /// Whether a build says when it was made, so that every one has an id of its own, as in the containerd image store.
    pub attests: bool,
    /// What gateways have beside their containers.
    pub gateways: FakeGateways,
    /// Networks whose containers don't reach each other.
    pub walls: BTreeSet<String>,
    /// Who works on which project.
    pub claims: BTreeMap<String, Claim>,
    /// The engine's own clock.
    pub now: Duration,
    /// Makes ids.
    pub(super) serial: u64,
}

/// What a gateway has beside its container.
#[derive(Debug, Clone, PartialEq)]
pub struct FakeGateway {
    /// The host ports that it holds.
    pub ports: Vec<HeldPort>,
    /// The names that it has for services.
    pub inside: NamesInside,
    /// Where it leads.
    pub routes: Snapshot,
    /// The services for which whoever comes waits.
    pub held: BTreeSet<String>,
}

/// Gateways by the id of their container.
pub type FakeGateways = BTreeMap<String, FakeGateway>;

/// An image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FakeImage {
    /// References that point to it.
    pub tags: BTreeSet<String>,
    /// What is in it.
    pub content: Content,
}

/// What is in an image; equal content has an equal id, as long as nothing is attested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// What it is: a service or a repository.
    pub name: String,
    /// Which version.
    pub version: String,
    /// What it does.
    pub behaviour: Behaviour,
}

/// A network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FakeNetwork {
    /// The project it belongs to.
    pub project: Option<String>,
}

/// A volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FakeVolume {
    /// The project it belongs to; `None` for an anonymous one.
    pub project: Option<String>,
    /// The container that an anonymous one was made for.
    pub made_for: Option<String>,
    /// What is in it.
    pub data: String,
    /// What was moved aside in it, by mark.
    pub aside: BTreeMap<String, String>,
}

/// A container.
#[derive(Debug, Clone, PartialEq)]
pub struct FakeContainer {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its project; `None` for one that Compose did not make.
    pub project: Option<String>,
    /// Its service.
    pub service: String,
    /// Its number.
    pub number: u32,
    /// The id of its image.
    pub image: String,
    /// The reference it was created from.
    pub image_ref: String,
    /// `backstay.run`.
    pub run: Option<String>,
    /// `backstay.fingerprint`.
    pub fingerprint: Option<String>,
    /// Whether it is a rehearsal.
    pub rehearsal: bool,
    /// `backstay.replaces`.
    pub replaces: Vec<String>,
    /// Whether the gateway has its names.
    pub inside: bool,
    /// Compose's hash.
    pub compose_hash: Option<String>,
    /// Whether `docker compose run` made it.
    pub one_off: bool,
    /// What it was created with.
    pub spec: Spec,
    /// Networks it has joined with its DNS names there.
    pub networks: BTreeMap<String, Vec<String>>,
    /// What it is doing.
    pub life: Life,
    /// Files that were put into it.
    pub files: Vec<ContainerFile>,
    /// The last lines that it wrote.
    pub logs: Vec<String>,
    /// When it was created.
    pub created: Duration,
}

/// What a container was created with.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// Published ports.
    pub ports: Vec<Port>,
    /// Its restart policy.
    pub restart: Restart,
    /// Its healthcheck.
    pub healthcheck: Option<Healthcheck>,
    /// Mounts.
    pub mounts: Vec<FakeMount>,
    /// How long it may take to stop.
    pub grace: Duration,
    /// The container whose network it lives in.
    pub lives_in: Option<String>,
    /// Whether it uses the host's network.
    pub host_network: bool,
    /// The rest of its definition, to tell containers of different definitions apart.
    pub definition: Arc<Value>,
}

/// A mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FakeMount {
    /// A volume's name, or a path of the host.
    pub source: String,
    /// Where it is in the container.
    pub target: String,
    /// Whether it is a volume.
    pub volume: bool,
}

/// What a container is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Life {
    /// Its status.
    pub status: Status,
    /// Its last exit code; 0 while it runs.
    pub exit_code: i64,
    /// The exit code of its last end, whatever it does now.
    pub last_end: Option<i64>,
    /// Restarts by its policy.
    pub restarts: u32,
    /// When it was started last.
    pub started: Option<Duration>,
    /// Why it could not be started.
    pub error: String,
    /// Its health.
    pub health: Option<Health>,
    /// Output of the last probes.
    pub health_log: Vec<String>,
    /// Probes that failed in a row.
    pub(super) failures: u32,
    /// When it is probed next.
    pub(super) probe: Option<Duration>,
    /// When its policy starts it again.
    pub(super) again: Option<Duration>,
    /// Host ports that it holds.
    pub bound: Vec<HostPort>,
}

impl Life {
    /// That of a container that was never started.
    pub(super) const fn new() -> Self {
        Self {
            status: Status::Created,
            exit_code: 0,
            last_end: None,
            restarts: 0,
            started: None,
            error: String::new(),
            health: None,
            health_log: Vec::new(),
            failures: 0,
            probe: None,
            again: None,
            bound: Vec::new(),
        }
    }
}

impl EngineState {
    /// A new id of 64 hexadecimal digits.
    pub(super) fn new_id(&mut self, what: &str) -> String {
        self.serial += 1;
        let digest = backstay_core::digest::digest(format!("{what} {}", self.serial).as_bytes());
        digest.trim_start_matches("sha256:").to_owned()
    }

    pub(in crate::fake) fn get(&self, id: &str, action: &str) -> EngineResult<&FakeContainer> {
        self.containers.get(id).ok_or_else(|| no_container(id, action))
    }

    pub(in crate::fake) fn get_mut(
        &mut self,
        id: &str,
        action: &str,
    ) -> EngineResult<&mut FakeContainer> {
        self.containers.get_mut(id).ok_or_else(|| no_container(id, action))
    }

    /// The files that were put into a container at or below a path.
    pub(in crate::fake) fn files_at(&self, id: &str, path: &str) -> Vec<ContainerFile> {
        let files = self.containers.get(id).map(|c| c.files.clone()).unwrap_or_default();
        let below = format!("{path}/");
        files.into_iter().filter(|f| f.path == path || f.path.starts_with(&below)).collect()
    }

    /// Which files of a container are not as they were put there.
    pub(in crate::fake) fn altered(&self, id: &str, files: &[ContainerFile]) -> Vec<String> {
        let own = self.containers.get(id).map(|c| c.files.as_slice()).unwrap_or_default();
        files.iter().filter(|f| !own.contains(f)).map(|f| f.path.clone()).collect()
    }

    /// What the image of a container does.
    pub(in crate::fake) fn behaviour(&self, container: &FakeContainer) -> Behaviour {
        self.images
            .get(&container.image)
            .map_or(Behaviour::Healthy, |image| image.content.behaviour)
    }
}

fn no_container(id: &str, action: &str) -> EngineError {
    EngineError::new(EngineErrorKind::NotFound, action, format!("no such container: {id}"))
}
