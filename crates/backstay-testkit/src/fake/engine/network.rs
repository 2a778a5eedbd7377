//! Networks, and who holds host ports.

use std::collections::{BTreeMap, BTreeSet};

use backstay_core::engine::{
    EngineError, EngineErrorKind, EngineResult, Health, PortClaim, PortConflict, Status, Stranger,
};

use super::start::candidates;
use super::state::{EngineState, FakeContainer};

impl EngineState {
    /// How many containers of each service of a project answer: they run, pass their probes, have the service's name, and
    /// hold the host ports that are theirs.
    #[must_use]
    pub fn serving(&self, project: &str) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for container in self.containers.values().filter(|c| c.project.as_deref() == Some(project))
        {
            let named = container.spec.lives_in.is_some() || self.is_found(container);
            let well = matches!(container.life.health, None | Some(Health::Healthy));
            let answers = container.life.status == Status::Running
                && well
                && !container.rehearsal
                && (self.is_target(container) || named && self.is_led_to(container));
            *counts.entry(container.service.clone()).or_default() += usize::from(answers);
        }
        counts
    }

    pub(in crate::fake) fn project_networks(&self, project: &str) -> Vec<String> {
        let own = self.networks.iter().filter(|(_, n)| n.project.as_deref() == Some(project));
        own.map(|(name, _)| name.clone()).collect()
    }

    /// `docker compose down`.
    pub(in crate::fake) fn down(&mut self, project: &str, volumes: bool) {
        let own = |of: &Option<String>| of.as_deref() == Some(project);
        let containers = self.containers.values().filter(|c| own(&c.project) && !c.one_off);
        let ids: Vec<String> = containers.map(|container| container.id.clone()).collect();
        ids.iter().for_each(|id| self.remove(id, volumes));
        let used: Vec<String> =
            self.containers.values().flat_map(|c| c.networks.keys().cloned()).collect();
        self.networks.retain(|name, network| !own(&network.project) || used.contains(name));
        if volumes {
            self.volumes.retain(|_, volume| !own(&volume.project));
        }
    }

    /// `docker network rm`. As on a real engine a container that does not run is no obstacle, and can't be started
    /// any more.
    pub(in crate::fake) fn remove_network(&mut self, name: &str) -> EngineResult<()> {
        let active = self.containers.values().find(|container| {
            container.life.status == Status::Running && container.networks.contains_key(name)
        });
        if let Some(container) = active {
            let message = format!("network {name} has active endpoints: {}", container.name);
            let action = format!("removing network {name}");
            return Err(EngineError::new(EngineErrorKind::Conflict, action, message));
        }
        self.networks.remove(name);
        Ok(())
    }

    pub(in crate::fake) fn project_volumes(&self, project: &str) -> Vec<String> {
        let own = self.volumes.iter().filter(|(_, v)| v.project.as_deref() == Some(project));
        own.map(|(name, _)| name.clone()).collect()
    }

    /// `docker volume rm`.
    pub(in crate::fake) fn remove_volume(&mut self, name: &str) -> EngineResult<()> {
        let uses = |c: &&FakeContainer| c.spec.mounts.iter().any(|m| m.volume && m.source == name);
        if let Some(container) = self.containers.values().find(uses) {
            let message = format!("volume is in use by {}", container.name);
            let action = format!("removing volume {name}");
            return Err(EngineError::new(EngineErrorKind::Conflict, action, message));
        }
        self.volumes.remove(name);
        Ok(())
    }

    pub(in crate::fake) fn strangers(&self, project: &str) -> Vec<Stranger> {
        let others = self.containers.values().filter(|c| c.project.as_deref() != Some(project));
        others
            .map(|container| {
                let binds = container.spec.mounts.iter().filter(|mount| !mount.volume);
                Stranger {
                    name: container.name.clone(),
                    project: container.project.clone(),
                    mounts: binds.map(|mount| mount.source.clone()).collect(),
                }
            })
            .collect()
    }

    pub(in crate::fake) fn port_conflicts(
        &self,
        project: &str,
        claims: &[PortClaim],
    ) -> Vec<PortConflict> {
        let own: BTreeSet<&str> = self
            .containers
            .values()
            .filter(|container| container.project.as_deref() == Some(project))
            .map(|container| container.name.as_str())
            .collect();
        let conflict = |claim: &PortClaim| {
            let mut foreign = None;
            for wanted in candidates(&claim.port) {
                match self.holder(&wanted) {
                    None => return None,
                    Some(Some(name)) if own.contains(name) => return None,
                    Some(holder) => foreign = foreign.or(Some((wanted, holder))),
                }
            }
            let (wanted, holder) = foreign?;
            let colon = if wanted.address.is_empty() { "" } else { ":" };
            Some(PortConflict {
                service: claim.service.clone(),
                port: format!("{}{colon}{}/{}", wanted.address, wanted.port, wanted.protocol),
                container: holder.map(str::to_owned),
            })
        };
        claims.iter().filter_map(conflict).collect()
    }
}
