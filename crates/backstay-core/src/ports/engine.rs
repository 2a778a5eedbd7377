//! The engine: containers, networks and images through the Engine API, and what Compose alone can do right.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::container_file::ContainerFile;
use super::engine_error::EngineResult;
use super::reporter::Reporter;
use crate::lock::Holder;
use crate::plan::ImageFacts;
use crate::stack::{Hooks, Port, Probe, StackRef};
use crate::vault::Vault;

/// An engine with Compose.
///
/// Every call that changes something is idempotent where it says so, and may be dropped at any await point: the effect
/// then has happened or not, and the caller finds out by asking.
#[allow(async_fn_in_trait)] // every future of a run is polled on one thread
pub trait Engine {
    /// Versions of engine and Compose. Fails when one is missing, stopped or too old.
    async fn info(&self) -> EngineResult<EngineInfo>;

    /// The engine's own id: the same for everyone who asks it, and no other engine's.
    async fn id(&self) -> EngineResult<String>;

    /// The resolved model, as `docker compose config` prints it (YAML).
    async fn model(&self, stack: &StackRef) -> EngineResult<String>;

    /// Compose's own hash of each service.
    async fn compose_hashes(&self, stack: &StackRef) -> EngineResult<BTreeMap<String, String>>;

    /// The names of all services, those of inactive profiles too.
    async fn all_services(&self, stack: &StackRef) -> EngineResult<Vec<String>>;

    /// The project's containers in any state, with candidates and rehearsals, without one-off ones (`compose run`).
    async fn containers(&self, project: &str) -> EngineResult<Vec<Container>>;

    /// One container, or `None` where it does not exist.
    async fn container(&self, id: &str) -> EngineResult<Option<Container>>;

    /// What the engine says of these containers in full, as `docker inspect` prints it.
    async fn inspect(&self, ids: &[String]) -> EngineResult<Vec<Value>>;

    /// The last `lines` lines of a container's output, oldest first.
    async fn logs(&self, id: &str, lines: usize) -> EngineResult<Vec<String>>;

    /// Asks a container's health check once, at the container's own address.
    async fn probe(&self, id: &str, probe: &Probe) -> EngineResult<Answer>;

    /// What a container can be asked about itself: its own healthcheck, the model's or its image's, and the ports that it is
    /// said to listen on.
    async fn own_checks(&self, id: &str) -> EngineResult<OwnChecks>;

    /// The TCP ports on which a running container listens for others, where that can be found out. Those that the system gives
    /// to whoever asks for any are not among them.
    async fn listening(&self, id: &str) -> EngineResult<Option<BTreeSet<u16>>>;

    /// The fixed TCP ports of the host that lead to ports on which a running container listens, and whether somebody answers
    /// there. None where that can't be seen from here.
    async fn host_ports(&self, id: &str) -> EngineResult<HostPorts>;

    /// The exit code of the last end of a container that may have been started again since, where the engine still knows it.
    async fn last_end(&self, id: &str) -> EngineResult<Option<i64>>;

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

    /// The memory that is free where the engine runs, and what these containers use; `None` where that can't be seen from
    /// here.
    async fn memory(&self, ids: &[String]) -> EngineResult<Option<MemoryUse>>;

    /// The ids of a container's processes, as the host sees them.
    async fn processes(&self, id: &str) -> EngineResult<Vec<u32>>;

    /// Builds services; each image gets the tag of its target, and no other tag moves.
    async fn build(&self, request: &BuildRequest<'_>, reporter: &dyn Reporter) -> EngineResult<()>;

    /// Pulls the images of services. Their tags may move.
    async fn pull(&self, request: &PullRequest<'_>, reporter: &dyn Reporter) -> EngineResult<()>;

    /// Makes `reference` point to an image. Idempotent.
    async fn tag(&self, image: &str, reference: &str) -> EngineResult<()>;

    /// Takes a reference away. An image without any reference and without a container may go with it. Idempotent.
    async fn untag(&self, reference: &str) -> EngineResult<()>;

    /// The tags of a repository, `backstay-build/shop`, that images on the engine have.
    async fn tags(&self, repository: &str) -> EngineResult<Vec<String>>;

    /// Creates containers without starting them, with the networks and volumes that they need. No other container
    /// is stopped, removed or changed. A container's name is its own with [`Created::suffix`] until it is live. Each
    /// carries the labels `backstay.run` and `backstay.fingerprint`.
    async fn create(&self, request: &CreateRequest<'_>) -> EngineResult<Vec<Created>>;

    /// Starts a container, with its `pre_start` and `post_start` hooks. Idempotent: of one that runs, no hook is run.
    async fn start(&self, id: &str) -> EngineResult<()>;

    /// Stops a container: its `pre_stop` hooks, then its own signal and grace period. Idempotent; one that does not
    /// exist is fine. One whose hooks failed is stopped when it is to be stopped again.
    async fn stop(&self, id: &str) -> EngineResult<()>;

    /// Sends a signal, as `HUP`, to a container's first process.
    async fn signal(&self, id: &str, signal: &str) -> EngineResult<()>;

    /// Removes a container, running or not, with the anonymous volumes that were made for it alone when `volumes` is set.
    /// Idempotent.
    async fn remove(&self, id: &str, volumes: bool) -> EngineResult<()>;

    /// Renames a container. Idempotent; a name that another container has is a conflict.
    async fn rename(&self, id: &str, name: &str) -> EngineResult<()>;

    /// Gives a container exactly these DNS names on a network it has joined, keeping its address where the engine can.
    /// Returns whether the address was kept. Idempotent.
    async fn set_aliases(&self, id: &str, network: &str, aliases: &[String]) -> EngineResult<bool>;

    /// Takes a container off a network, with its names and its address there. Idempotent.
    async fn leave(&self, id: &str, network: &str) -> EngineResult<()>;

    /// Lets a container that has not been started yet find others on a network under names that lead nobody else there:
    /// each link is `container:name`. Those of its service stay.
    async fn link(&self, id: &str, network: &str, links: &[String]) -> EngineResult<()>;

    /// Makes the hooks known of a container that does not carry them itself, because Compose created it.
    fn remember_hooks(&self, id: &str, hooks: &Hooks);

    /// What hooks have written since this was asked last, line by line, with the service before it.
    fn hook_output(&self) -> Vec<(String, String)>;

    /// The files at a path of a container, running or not: the one that it is, or all below the folder that it is.
    async fn files(&self, id: &str, path: &str) -> EngineResult<Vec<ContainerFile>>;

    /// Which of the files that were put into a container are not as they were put there, without those that the
    /// container itself has changed since it was started. Paths.
    async fn altered(&self, id: &str, files: &[ContainerFile]) -> EngineResult<Vec<String>>;

    /// The engine's names of the networks that belong to the project.
    async fn networks(&self, project: &str) -> EngineResult<Vec<String>>;

    /// Removes a network that no container uses. Idempotent.
    async fn remove_network(&self, name: &str) -> EngineResult<()>;

    /// The engine's names of the named volumes that belong to the project.
    async fn volumes(&self, project: &str) -> EngineResult<Vec<String>>;

    /// Removes a volume that no container uses, with what is in it. Idempotent. Never one of a user's stack.
    async fn remove_volume(&self, name: &str) -> EngineResult<()>;

    /// Which of these ports somebody outside of the project holds.
    async fn port_conflicts(
        &self,
        project: &str,
        claims: &[PortClaim],
    ) -> EngineResult<Vec<PortConflict>>;

    /// The containers, in any state, that are not the project's.
    async fn strangers(&self, project: &str) -> EngineResult<Vec<Stranger>>;

    /// Puts a mark on the engine that a run works on the project, unless there is one: then that is returned. At once, whoever
    /// asks at the same time.
    async fn claim(&self, project: &str, claim: &Claim) -> EngineResult<Option<Claim>>;

    /// Takes a mark away, where it is this one. Idempotent.
    async fn release(&self, project: &str, claim: &Claim) -> EngineResult<()>;

    /// Pulls an image by its digest, `repository@sha256:…`, from its registry.
    async fn fetch_image(&self, reference: &str) -> EngineResult<()>;

    /// Copies an image, as the engine exports it, into the vault.
    async fn save_image(&self, image: &str, vault: &Vault) -> EngineResult<()>;

    /// Gives an image from the vault back to the engine. Returns the id that it has there: its own, unless the engine's
    /// store makes another one of what an export holds. Idempotent.
    async fn load_image(&self, image: &str, vault: &Vault) -> EngineResult<String>;
}

/// Who works on a project: a mark on the engine, for those on other machines and with another state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Tells it from every other one.
    pub token: String,
    /// Where it works.
    pub holder: Holder,
    /// The lock that it holds there.
    pub lock: PathBuf,
}

/// What a container can be asked about itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnChecks {
    /// Its healthcheck, with the engine's own defaults, where it has one that is not disabled.
    pub healthcheck: Option<Probe>,
    /// The TCP ports that it exposes: those of the model and those of its image.
    pub ports: BTreeSet<u16>,
}

/// What came of a health check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It passed.
    Passed,
    /// It failed; why, in a line.
    Failed(String),
    /// The container can't be reached from here, so that nothing can be said; why.
    OutOfReach(String),
}

/// What containers use of a machine's memory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MemoryUse {
    /// Bytes that are free.
    pub free: u64,
    /// Bytes that each container uses, by its id.
    pub used: BTreeMap<String, u64>,
}

/// What the engine says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineInfo {
    /// The engine's version.
    pub engine: String,
    /// The API version agreed on.
    pub api: String,
    /// The version of Compose.
    pub compose: String,
    /// The engine's address.
    pub host: String,
}

/// A container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    /// Its full id.
    pub id: String,
    /// Its name, without the leading slash.
    pub name: String,
    /// The service it belongs to.
    pub service: String,
    /// Its number among the service's containers.
    pub number: u32,
    /// The id of the image it runs.
    pub image: String,
    /// The reference it was created from.
    pub image_ref: String,
    /// The label `backstay.run`: which run created it.
    pub run: Option<String>,
    /// The label `backstay.fingerprint`.
    pub fingerprint: Option<String>,
    /// Whether it is a rehearsal, never to be live.
    pub rehearsal: bool,
    /// Compose's own hash of the service that it was created from.
    pub compose_hash: Option<String>,
    /// What it is doing.
    pub state: State,
    /// Its DNS names on each network, by the network's name; without those that the engine adds by itself.
    pub networks: BTreeMap<String, Vec<String>>,
    /// Its addresses on each network while it runs, by the network's name.
    #[serde(default)]
    pub addresses: BTreeMap<String, String>,
    /// Its labels, without those of Compose and Backstay.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// The fixed host ports that it publishes when it runs.
    pub ports: Vec<HostPort>,
    /// When it was created, RFC 3339.
    pub created: String,
    /// The label `backstay.replaces`: the ids of the containers whose place it was made to take.
    #[serde(default)]
    pub replaces: Vec<String>,
    /// The label `backstay.state`: on which machine, and where, its run has its journal.
    #[serde(default)]
    pub kept_at: Option<String>,
    /// The project directory that Compose was told when it made it; `None` where it does not say.
    #[serde(default)]
    pub directory: Option<PathBuf>,
    /// The compose files.
    #[serde(default)]
    pub files: Vec<PathBuf>,
}

/// How it is with the TCP ports of the host that a container has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostPorts {
    /// Those at which somebody answers.
    pub answered: BTreeSet<u16>,
    /// Those at which nobody does, though the container listens.
    pub unanswered: BTreeSet<u16>,
}

/// A fixed port of the host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HostPort {
    /// The address; empty for all.
    pub address: String,
    /// The port.
    pub port: u16,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
}

/// What a container is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Its status.
    pub status: Status,
    /// The exit code of its last end.
    pub exit_code: i64,
    /// How often the engine has restarted it by its restart policy.
    pub restarts: u32,
    /// When it was last started, RFC 3339; empty when never.
    pub started_at: String,
    /// Whether it was last ended for want of memory.
    pub oom_killed: bool,
    /// Why it could not be started, in the engine's words.
    pub error: String,
    /// Its health, where it has a healthcheck.
    pub health: Option<Health>,
    /// The output of the last probes, oldest first.
    pub health_log: Vec<String>,
}

/// `State.Status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Created, never started.
    Created,
    /// Running.
    Running,
    /// Paused.
    Paused,
    /// Ended, to be started again by its restart policy.
    Restarting,
    /// Ended.
    Exited,
    /// Being removed, or could not be.
    Dead,
}

/// `State.Health.Status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    /// No verdict yet.
    Starting,
    /// It passes.
    Healthy,
    /// It fails.
    Unhealthy,
}

/// What an image is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageDetail {
    /// Its id.
    pub id: String,
    /// A digest of what it consists of, its configuration and its layers: the same for every build of the same content.
    /// `None` where the engine can't tell for the platform.
    pub content: Option<String>,
    /// The `USER` that its containers run as; empty where it says none.
    pub user: String,
    /// When a reference was last made to point to it, RFC 3339, where the engine says.
    pub tagged: Option<String>,
    /// Bytes that it takes on the engine.
    pub size: u64,
    /// The digests of its layers, uncompressed, in hexadecimal.
    pub layers: Vec<String>,
    /// `repository@sha256:…`: where a registry has it, as far as the engine knows.
    pub digests: Vec<String>,
}

/// How one service is built.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BuildTarget {
    /// The tag that its image gets.
    pub tag: String,
    /// Whether it names several platforms, of which only the engine's own is built.
    pub for_one_platform: bool,
    /// Names that its Dockerfile may use for images (`FROM`, `COPY --from`, a named context), and the tags that they stand for.
    pub contexts: BTreeMap<String, String>,
}

/// What to build.
#[derive(Debug)]
pub struct BuildRequest<'a> {
    /// The stack.
    pub stack: &'a StackRef,
    /// The services.
    pub targets: &'a BTreeMap<String, BuildTarget>,
    /// `--no-cache`.
    pub no_cache: bool,
    /// Ask the registry for newer base images.
    pub pull: bool,
}

/// What to pull. It is pulled, whatever the `pull_policy` of the services says.
#[derive(Debug)]
pub struct PullRequest<'a> {
    /// The stack.
    pub stack: &'a StackRef,
    /// The services.
    pub services: &'a [String],
}

/// What containers are created from.
#[derive(Debug)]
pub enum Source<'a> {
    /// The stack's files, by Compose itself.
    Compose(&'a StackRef),
    /// Containers as `docker inspect` showed them, for a release that was adopted while its files said something else.
    Recorded(&'a [Value]),
}

/// Which containers to create.
#[derive(Debug)]
pub struct CreateRequest<'a> {
    /// From what.
    pub source: Source<'a>,
    /// The project.
    pub project: &'a str,
    /// The run, for the label and the names.
    pub run: &'a str,
    /// The services, in an order in which each comes after those it depends on.
    pub services: &'a [CreateService],
}

/// One service of a [`CreateRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct CreateService {
    /// The service.
    pub service: String,
    /// How many containers it is to have.
    pub replicas: u32,
    /// The value of the label `backstay.fingerprint`.
    pub fingerprint: String,
    /// The containers that the new ones replace: Compose does not see them, so that numbers and names come out the same,
    /// and the new ones take over their anonymous volumes by number.
    pub replaces: Vec<String>,
    /// Whether the new containers start without the service's DNS names, which are given to them later.
    pub hidden: bool,
    /// Whether each is to have a rehearsal: a twin that nobody can find, without host ports and restart policy.
    pub rehearsal: bool,
    /// Services whose namespaces or volumes each borrows.
    #[serde(default)]
    pub borrows: Vec<String>,
    /// What is run around the start and the end of each.
    #[serde(default)]
    pub hooks: Hooks,
    /// Whether the model puts files into each that are not mounted: inline configs, configs and secrets of variables.
    #[serde(default)]
    pub injects: bool,
    /// The image by its id, where the engine does not find it by the reference that the files have: one with the digest under
    /// which it was pulled, for an image that came back from the vault.
    #[serde(default)]
    pub image: Option<ImageById>,
}

/// An image that stands in for a reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageById {
    /// The reference in the files.
    pub reference: String,
    /// The id of the image.
    pub id: String,
}

/// A container that was created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Created {
    /// Its id.
    pub id: String,
    /// Its service.
    pub service: String,
    /// Its number.
    pub number: u32,
    /// The name it will have when it is live.
    pub name: String,
    /// Whether it is a rehearsal.
    pub rehearsal: bool,
    /// The DNS names that it is to have, by the network's name.
    pub aliases: BTreeMap<String, Vec<String>>,
    /// The files that were put into it. Never recorded: they may be secrets.
    #[serde(skip)]
    pub files: Vec<ContainerFile>,
}

impl Created {
    /// What a new container's name ends with until it is live.
    #[must_use]
    pub fn suffix(run: &str, rehearsal: bool) -> String {
        crate::naming::candidate_suffix(run, rehearsal)
    }
}

/// A host port that a service wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortClaim {
    /// The service.
    pub service: String,
    /// The port; `published` is set.
    pub port: Port,
}

/// A claim that somebody outside of the project already holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortConflict {
    /// The service that wants it.
    pub service: String,
    /// `[address:]port/protocol`.
    pub port: String,
    /// The container that has it, or `None` for another process.
    pub container: Option<String>,
}

/// A container of somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stranger {
    /// Its name, without the leading slash.
    pub name: String,
    /// The project that it belongs to; `None` for one that Compose did not make.
    pub project: Option<String>,
    /// The files and folders of the host that it mounts.
    pub mounts: Vec<String>,
}
