//! The engine as core sees it.

mod data;
mod gateways;

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use backstay_core::engine::ImageFacts;
use backstay_core::engine::{
    Answer, BuildRequest, Claim, Container, ContainerFile, CreateRequest, Created, EngineInfo,
    EngineResult, HostPorts, ImageDetail, MemoryUse, OwnChecks, PortClaim, PortConflict,
    PullRequest, Stranger,
};
use backstay_core::ports::{
    Checks, Composer, Containers, Engine, Images, Networks, Reporter, Volumes,
};
use backstay_core::stack::{Hooks, Probe, StackRef};
use backstay_core::vault::Vault;
use backstay_routes::Subnet;
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::connection::Connection;
use crate::container::from_inspect;
use crate::create::{self, InFlight};
use crate::{
    aliases, archive, claims, compose, containers, events, facts, fetch, gateway, hooks,
    host_ports, images, info, logs, networks, probe, start, stop, transfer, volumes,
};

/// The engine that the docker CLI would use. Connects when it is first needed.
#[derive(Default)]
pub struct DockerEngine {
    connection: OnceCell<Connection>,
    id: OnceCell<String>,
    info: OnceCell<EngineInfo>,
    state: String,
    in_flight: InFlight,
    hooks: hooks::Memory,
    gateways: gateway::Sessions,
}

impl DockerEngine {
    /// Makes one; nothing is connected to yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, which says on every container where the journal of its run is.
    #[must_use]
    pub fn marking(self, state: String) -> Self {
        Self { state, ..self }
    }

    pub(crate) async fn connection(&self) -> EngineResult<&Connection> {
        self.connection.get_or_try_init(Connection::open).await
    }
}

#[async_trait]
impl Engine for DockerEngine {
    async fn info(&self) -> EngineResult<EngineInfo> {
        self.info.get_or_try_init(|| info::info(self.connection())).await.cloned()
    }

    async fn id(&self) -> EngineResult<String> {
        self.id.get_or_try_init(async || info::id(self.connection().await?).await).await.cloned()
    }

    async fn claim(&self, project: &str, claim: &Claim) -> EngineResult<Option<Claim>> {
        claims::claim(self.connection().await?, project, claim).await
    }

    async fn release(&self, project: &str, claim: &Claim) -> EngineResult<()> {
        claims::release(self.connection().await?, project, claim).await
    }
}

#[async_trait]
impl Composer for DockerEngine {
    async fn model(&self, stack: &StackRef) -> EngineResult<String> {
        compose::model(stack).await
    }

    async fn compose_hashes(&self, stack: &StackRef) -> EngineResult<BTreeMap<String, String>> {
        compose::hashes(stack).await
    }

    async fn all_services(&self, stack: &StackRef) -> EngineResult<Vec<String>> {
        compose::all_services(stack).await
    }

    async fn build(&self, request: &BuildRequest<'_>, reporter: &dyn Reporter) -> EngineResult<()> {
        compose::build(request, reporter).await
    }

    async fn pull(&self, request: &PullRequest<'_>, reporter: &dyn Reporter) -> EngineResult<()> {
        compose::pull(request, reporter).await
    }

    async fn down(&self, stack: &StackRef, volumes: bool) -> EngineResult<()> {
        compose::down(stack, volumes).await
    }

    async fn create(&self, request: &CreateRequest<'_>) -> EngineResult<Vec<Created>> {
        create::create(self.connection().await?, &self.in_flight, request, &self.state).await
    }
}

#[async_trait]
impl Containers for DockerEngine {
    async fn containers(&self, project: &str) -> EngineResult<Vec<Container>> {
        self.in_flight.settled().await;
        containers::list(self.connection().await?, project).await
    }

    async fn container(&self, id: &str) -> EngineResult<Option<Container>> {
        let detail = containers::inspect_one(self.connection().await?, id).await?;
        Ok(detail.as_ref().map(from_inspect))
    }

    async fn inspect(&self, ids: &[String]) -> EngineResult<Vec<Value>> {
        containers::inspect(self.connection().await?, ids).await
    }

    async fn logs(&self, id: &str, lines: usize) -> EngineResult<Vec<String>> {
        logs::logs(self.connection().await?, id, lines).await
    }

    async fn last_end(&self, id: &str) -> EngineResult<Option<i64>> {
        events::last_end(self.connection().await?, id).await
    }

    async fn processes(&self, id: &str) -> EngineResult<Option<Vec<u32>>> {
        facts::processes(self.connection().await?, id).await
    }

    async fn memory(&self, ids: &[String]) -> EngineResult<Option<MemoryUse>> {
        facts::memory(self.connection().await?, ids).await
    }

    async fn strangers(&self, project: &str) -> EngineResult<Vec<Stranger>> {
        containers::strangers(self.connection().await?, project).await
    }

    async fn start(&self, id: &str) -> EngineResult<()> {
        start::start(self.connection().await?, &self.hooks, id).await
    }

    async fn stop(&self, id: &str) -> EngineResult<()> {
        stop::stop(self.connection().await?, &self.hooks, id).await
    }

    async fn never_restart(&self, id: &str) -> EngineResult<()> {
        containers::never_restart(self.connection().await?, id).await
    }

    async fn signal(&self, id: &str, signal: &str) -> EngineResult<()> {
        containers::signal(self.connection().await?, id, signal).await
    }

    async fn remove(&self, id: &str, volumes: bool) -> EngineResult<()> {
        containers::remove(self.connection().await?, id, volumes).await
    }

    async fn rename(&self, id: &str, name: &str) -> EngineResult<()> {
        containers::rename(self.connection().await?, id, name).await
    }

    async fn files(&self, id: &str, path: &str) -> EngineResult<Vec<ContainerFile>> {
        archive::get(self.connection().await?, id, path).await
    }

    async fn altered(&self, id: &str, files: &[ContainerFile]) -> EngineResult<Vec<String>> {
        archive::altered(self.connection().await?, id, files).await
    }

    fn remember_hooks(&self, id: &str, hooks: &Hooks) {
        self.hooks.remember(id, hooks);
    }

    fn hook_output(&self) -> Vec<(String, String)> {
        self.hooks.output()
    }
}

#[async_trait]
impl Images for DockerEngine {
    async fn image(&self, reference: &str) -> EngineResult<Option<String>> {
        images::id(self.connection().await?, reference).await
    }

    async fn image_detail(
        &self,
        reference: &str,
        platform: Option<&str>,
    ) -> EngineResult<Option<ImageDetail>> {
        images::detail(self.connection().await?, reference, platform).await
    }

    async fn image_facts(&self, reference: &str) -> EngineResult<Option<ImageFacts>> {
        facts::of_image(self.connection().await?, reference).await
    }

    async fn tag(&self, image: &str, reference: &str) -> EngineResult<()> {
        images::tag(self.connection().await?, image, reference).await
    }

    async fn untag(&self, reference: &str) -> EngineResult<()> {
        images::untag(self.connection().await?, reference).await
    }

    async fn tags(&self, repository: &str) -> EngineResult<Vec<String>> {
        images::tags(self.connection().await?, repository).await
    }

    async fn fetch_image(&self, reference: &str) -> EngineResult<()> {
        fetch::fetch(reference).await
    }

    async fn save_image(&self, image: &str, vault: &Vault) -> EngineResult<()> {
        transfer::save(self.connection().await?, image, vault).await
    }

    async fn load_image(&self, image: &str, vault: &Vault) -> EngineResult<String> {
        transfer::load(self.connection().await?, image, vault).await
    }
}

#[async_trait]
impl Networks for DockerEngine {
    async fn networks(&self, project: &str) -> EngineResult<Vec<String>> {
        self.in_flight.settled().await;
        networks::list(self.connection().await?, project).await
    }

    async fn subnets(&self, network: &str) -> EngineResult<Vec<Subnet>> {
        networks::subnets(self.connection().await?, network).await
    }

    async fn remove_network(&self, name: &str) -> EngineResult<()> {
        networks::remove(self.connection().await?, name).await
    }

    async fn set_aliases(&self, id: &str, network: &str, aliases: &[String]) -> EngineResult<bool> {
        aliases::set(self.connection().await?, id, network, aliases).await
    }

    async fn leave(&self, id: &str, network: &str) -> EngineResult<()> {
        networks::leave(self.connection().await?, id, network).await
    }

    async fn link(&self, id: &str, network: &str, links: &[String]) -> EngineResult<()> {
        aliases::link(self.connection().await?, id, network, links).await
    }

    async fn port_conflicts(
        &self,
        project: &str,
        claims: &[PortClaim],
    ) -> EngineResult<Vec<PortConflict>> {
        host_ports::conflicts(self.connection().await?, project, claims).await
    }
}

#[async_trait]
impl Volumes for DockerEngine {
    async fn volumes(&self, project: &str) -> EngineResult<Vec<String>> {
        volumes::list(self.connection().await?, project).await
    }

    async fn remove_volume(&self, name: &str) -> EngineResult<()> {
        volumes::remove(self.connection().await?, name).await
    }
}

#[async_trait]
impl Checks for DockerEngine {
    async fn probe(&self, id: &str, probe: &Probe) -> EngineResult<Answer> {
        probe::probe(self.connection().await?, id, probe).await
    }

    async fn own_checks(&self, id: &str) -> EngineResult<OwnChecks> {
        probe::own_checks(self.connection().await?, id).await
    }

    async fn listening(&self, id: &str) -> EngineResult<Option<BTreeSet<u16>>> {
        probe::listening::of(self.connection().await?, id).await
    }

    async fn has_visitors(&self, id: &str, besides: &str) -> EngineResult<Option<bool>> {
        probe::visitors::of(self.connection().await?, id, besides).await
    }

    async fn host_ports(&self, id: &str) -> EngineResult<HostPorts> {
        probe::host::ports(self.connection().await?, id).await
    }
}
