//! The engine: containers, networks and images through the Engine API, and what Compose alone can do right.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use backstay_routes::Subnet;
use serde_json::Value;

use super::commands::Commands;
use super::data::Data;
use super::gateways::Gateways;
use super::reporter::Reporter;
use crate::engine::{
    Answer, BuildRequest, Claim, Container, ContainerFile, CreateRequest, Created, EngineInfo,
    EngineResult, HostPorts, ImageDetail, ImageFacts, MemoryUse, OwnChecks, PortClaim,
    PortConflict, PullRequest, Stranger,
};
use crate::stack::{Hooks, Probe, StackRef};
use crate::vault::Vault;

/// Containers: found, started, stopped, looked into.
#[async_trait]
pub trait Containers: Send + Sync {
    /// The project's containers in any state, with candidates and rehearsals, without one-off ones (`compose run`).
    async fn containers(&self, project: &str) -> EngineResult<Vec<Container>>;

    /// One container, or `None` where it does not exist.
    async fn container(&self, id: &str) -> EngineResult<Option<Container>>;

    /// What the engine says of these containers in full, as `docker inspect` prints it.
    async fn inspect(&self, ids: &[String]) -> EngineResult<Vec<Value>>;

    /// The last `lines` lines of a container's output, oldest first.
    async fn logs(&self, id: &str, lines: usize) -> EngineResult<Vec<String>>;

    /// The exit code of the last end of a container that may have been started again since, where the engine still knows it.
    async fn last_end(&self, id: &str) -> EngineResult<Option<i64>>;

    /// The ids of a container's processes; `None` where they can't be listed.
    async fn processes(&self, id: &str) -> EngineResult<Option<Vec<u32>>>;

    /// The memory that is free where the engine runs, and what these containers use; `None` where that can't be seen from
    /// here.
    async fn memory(&self, ids: &[String]) -> EngineResult<Option<MemoryUse>>;

    /// The containers, in any state, that are not the project's.
    async fn strangers(&self, project: &str) -> EngineResult<Vec<Stranger>>;

    /// Starts a container, with its `pre_start` and `post_start` hooks. Idempotent: of one that runs, no hook is run.
    async fn start(&self, id: &str) -> EngineResult<()>;

    /// Stops a container: its `pre_stop` hooks, then its own signal and grace period. Idempotent; one that does not
    /// exist is fine. One whose hooks failed is stopped when it is to be stopped again.
    async fn stop(&self, id: &str) -> EngineResult<()>;

    /// From now on the engine never starts this container again by itself: not when it ends, and not after a restart of the
    /// machine. Idempotent.
    async fn never_restart(&self, id: &str) -> EngineResult<()>;

    /// Sends a signal, as `HUP`, to a container's first process.
    async fn signal(&self, id: &str, signal: &str) -> EngineResult<()>;

    /// Removes a container, running or not, with the anonymous volumes that were made for it alone when `volumes` is set.
    /// Idempotent.
    async fn remove(&self, id: &str, volumes: bool) -> EngineResult<()>;

    /// Renames a container. Idempotent; a name that another container has is a conflict.
    async fn rename(&self, id: &str, name: &str) -> EngineResult<()>;

    /// The files at a path of a container, running or not: the one that it is, or all below the folder that it is.
    async fn files(&self, id: &str, path: &str) -> EngineResult<Vec<ContainerFile>>;

    /// Which of the files that were put into a container are not as they were put there, without those that the
    /// container itself has changed since it was started. Paths.
    async fn altered(&self, id: &str, files: &[ContainerFile]) -> EngineResult<Vec<String>>;

    /// Makes the hooks known of a container that does not carry them itself, because Compose created it.
    fn remember_hooks(&self, id: &str, hooks: &Hooks);

    /// What hooks have written since this was asked last, line by line, with the service before it.
    fn hook_output(&self) -> Vec<(String, String)>;
}

/// Images, their references, and the way of images into the vault and out of it.
#[async_trait]
pub trait Images: Send + Sync {
    /// The id of an image by reference or id, or `None` where the engine does not have it.
    async fn image(&self, reference: &str) -> EngineResult<Option<String>>;

    /// What an image is, by reference or id: of the platform (`linux/arm64`) where one is given, else of the engine's own.
    /// `None` where the engine does not have it.
    async fn image_detail(
        &self,
        reference: &str,
        platform: Option<&str>,
    ) -> EngineResult<Option<ImageDetail>>;

    /// What an image says of itself, or `None` where the engine does not have it.
    async fn image_facts(&self, reference: &str) -> EngineResult<Option<ImageFacts>>;

    /// Makes `reference` point to an image. Idempotent.
    async fn tag(&self, image: &str, reference: &str) -> EngineResult<()>;

    /// Takes a reference away. An image without any reference and without a container may go with it. Idempotent.
    async fn untag(&self, reference: &str) -> EngineResult<()>;

    /// The tags of a repository, `backstay-build/shop`, that images on the engine have.
    async fn tags(&self, repository: &str) -> EngineResult<Vec<String>>;

    /// Pulls an image by its digest, `repository@sha256:…`, from its registry.
    async fn fetch_image(&self, reference: &str) -> EngineResult<()>;

    /// Copies an image, as the engine exports it, into the vault.
    async fn save_image(&self, image: &str, vault: &Vault) -> EngineResult<()>;

    /// Gives an image from the vault back to the engine. Returns the id that it has there: its own, unless the engine's
    /// store makes another one of what an export holds. Idempotent.
    async fn load_image(&self, image: &str, vault: &Vault) -> EngineResult<String>;
}

/// Networks, the names and addresses of containers on them, and host ports.
#[async_trait]
pub trait Networks: Send + Sync {
    /// The engine's names of the networks that belong to the project.
    async fn networks(&self, project: &str) -> EngineResult<Vec<String>>;

    /// The ranges of addresses of a network; none where there is no such network.
    async fn subnets(&self, network: &str) -> EngineResult<Vec<Subnet>>;

    /// Removes a network that no container uses. Idempotent.
    async fn remove_network(&self, name: &str) -> EngineResult<()>;

    /// Gives a container exactly these DNS names on a network it has joined, keeping its address where the engine can.
    /// Returns whether the address was kept. Idempotent.
    async fn set_aliases(&self, id: &str, network: &str, aliases: &[String]) -> EngineResult<bool>;

    /// Takes a container off a network, with its names and its address there. Idempotent.
    async fn leave(&self, id: &str, network: &str) -> EngineResult<()>;

    /// Lets a container that has not been started yet find others on a network under names that lead nobody else there:
    /// each link is `container:name`. Those of its service stay.
    async fn link(&self, id: &str, network: &str, links: &[String]) -> EngineResult<()>;

    /// Which of these ports somebody outside of the project holds.
    async fn port_conflicts(
        &self,
        project: &str,
        claims: &[PortClaim],
    ) -> EngineResult<Vec<PortConflict>>;
}

/// Named volumes.
#[async_trait]
pub trait Volumes: Send + Sync {
    /// The engine's names of the named volumes that belong to the project.
    async fn volumes(&self, project: &str) -> EngineResult<Vec<String>>;

    /// Removes a volume that no container uses, with what is in it. Idempotent. Never one of a user's stack.
    async fn remove_volume(&self, name: &str) -> EngineResult<()>;
}

/// What Compose alone can do right: the model, builds, pulls, new containers.
#[async_trait]
pub trait Composer: Send + Sync {
    /// The resolved model, as `docker compose config` prints it (YAML).
    async fn model(&self, stack: &StackRef) -> EngineResult<String>;

    /// Compose's own hash of each service.
    async fn compose_hashes(&self, stack: &StackRef) -> EngineResult<BTreeMap<String, String>>;

    /// The names of all services, those of inactive profiles too.
    async fn all_services(&self, stack: &StackRef) -> EngineResult<Vec<String>>;

    /// Builds services; each image gets the tag of its target, and no other tag moves.
    async fn build(&self, request: &BuildRequest<'_>, reporter: &dyn Reporter) -> EngineResult<()>;

    /// Pulls the images of services. Their tags may move.
    async fn pull(&self, request: &PullRequest<'_>, reporter: &dyn Reporter) -> EngineResult<()>;

    /// Stops and removes all containers of the stack, and its networks; its volumes, with all data in them, where that is said.
    async fn down(&self, stack: &StackRef, volumes: bool) -> EngineResult<()>;

    /// Creates containers without starting them, with the networks and volumes that they need. No other container
    /// is stopped, removed or changed. A container's name is its own with [`Created::suffix`] until it is live. Each
    /// carries the labels `backstay.run` and `backstay.fingerprint`.
    async fn create(&self, request: &CreateRequest<'_>) -> EngineResult<Vec<Created>>;
}

/// Asking containers how they are.
#[async_trait]
pub trait Checks: Send + Sync {
    /// Asks a container's health check once, at the container's own address.
    async fn probe(&self, id: &str, probe: &Probe) -> EngineResult<Answer>;

    /// What a container can be asked about itself: its own healthcheck, the model's or its image's, and the ports that it is
    /// said to listen on.
    async fn own_checks(&self, id: &str) -> EngineResult<OwnChecks>;

    /// The TCP ports on which a running container listens for others, where that can be found out. Those that the system gives
    /// to whoever asks for any are not among them.
    async fn listening(&self, id: &str) -> EngineResult<Option<BTreeSet<u16>>>;

    /// Whether somebody from outside of a running container, other than the container `besides`, is connected to a port on
    /// which it listens. `None` where that can't be seen.
    async fn has_visitors(&self, id: &str, besides: &str) -> EngineResult<Option<bool>>;

    /// The fixed TCP ports of the host that lead to ports on which a running container listens, and whether somebody answers
    /// there. None where that can't be seen from here.
    async fn host_ports(&self, id: &str) -> EngineResult<HostPorts>;
}

/// An engine with Compose.
///
/// Every call that changes something is idempotent where it says so, and may be dropped at any await point: the effect
/// then has happened or not, and the caller finds out by asking.
#[async_trait]
pub trait Engine:
    Containers + Images + Networks + Volumes + Composer + Checks + Data + Commands + Gateways
{
    /// Versions of engine and Compose. Fails when one is missing, stopped or too old.
    async fn info(&self) -> EngineResult<EngineInfo>;

    /// The engine's own id: the same for everyone who asks it, and no other engine's.
    async fn id(&self) -> EngineResult<String>;

    /// Puts a mark on the engine that a run works on the project, unless there is one: then that is returned. At once, whoever
    /// asks at the same time.
    async fn claim(&self, project: &str, claim: &Claim) -> EngineResult<Option<Claim>>;

    /// Takes a mark away, where it is this one. Idempotent.
    async fn release(&self, project: &str, claim: &Claim) -> EngineResult<()>;
}
