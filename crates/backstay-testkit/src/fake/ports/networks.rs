//! Networks and host ports, as a process reaches them.

use async_trait::async_trait;
use backstay_core::engine::{EngineResult, PortClaim, PortConflict};
use backstay_core::ports::Networks;
use backstay_core::routes::Subnet;

use super::engine::{FakeEngine, list};
use crate::fake::faults::Call;

#[async_trait]
impl Networks for FakeEngine {
    async fn networks(&self, project: &str) -> EngineResult<Vec<String>> {
        self.read("networks", |world| Ok(world.engine.project_networks(project))).await
    }

    async fn subnets(&self, network: &str) -> EngineResult<Vec<Subnet>> {
        self.read("subnets", |world| {
            let range: Result<Subnet, _> = "10.0.0.0/16".parse();
            let known = world.engine.networks.contains_key(network);
            Ok(range.into_iter().filter(|_| known).collect())
        })
        .await
    }

    async fn remove_network(&self, name: &str) -> EngineResult<()> {
        self.change(format!("remove_network {name}"), |world| world.engine.remove_network(name))
            .await
    }

    async fn set_aliases(&self, id: &str, network: &str, aliases: &[String]) -> EngineResult<bool> {
        let name = format!("set_aliases {} {network} {}", self.name(id), list(aliases.iter()));
        self.call(name, Call::Divisible, |world, extent| {
            world.engine.set_aliases(id, network, aliases, extent.is_half())
        })
        .await
    }

    async fn leave(&self, id: &str, network: &str) -> EngineResult<()> {
        let point = format!("leave {} {network}", self.name(id));
        self.change(point, |world| world.engine.leave(id, network)).await
    }

    async fn link(&self, id: &str, network: &str, links: &[String]) -> EngineResult<()> {
        let point = format!("link {} {network} {}", self.name(id), list(links.iter()));
        self.change(point, |world| world.engine.get(id, "linking a container").map(|_| ())).await
    }

    async fn port_conflicts(
        &self,
        project: &str,
        claims: &[PortClaim],
    ) -> EngineResult<Vec<PortConflict>> {
        self.read("port_conflicts", |world| Ok(world.engine.port_conflicts(project, claims))).await
    }
}
