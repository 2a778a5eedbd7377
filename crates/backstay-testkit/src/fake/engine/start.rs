//! Starting a container.

use backstay_core::engine::{EngineError, EngineErrorKind, EngineResult, Health, HostPort, Status};
use backstay_core::stack::Port;

use super::state::EngineState;
use crate::fake::behaviour::Behaviour;

impl EngineState {
    /// `docker start`.
    pub(in crate::fake) fn start(&mut self, id: &str) -> EngineResult<()> {
        let container = self.get(id, "starting a container")?;
        let action = format!("starting container {}", container.name);
        match container.life.status {
            // A container that its policy restarts counts as running.
            Status::Running | Status::Restarting => return Ok(()),
            Status::Paused | Status::Dead => {
                let message = "the container is paused or dead";
                return Err(EngineError::new(EngineErrorKind::Conflict, action, message));
            }
            Status::Created | Status::Exited => {}
        }
        self.enliven(id, &action)?;
        let container = self.get_mut(id, &action)?;
        container.life.restarts = 0;
        Ok(())
    }

    /// Brings a container to life: by `docker start` or by its policy.
    pub(super) fn enliven(&mut self, id: &str, action: &str) -> EngineResult<()> {
        let bound = match self.obtain(id, action) {
            Ok(bound) => bound,
            Err(error) => {
                let life = &mut self.get_mut(id, action)?.life;
                life.error.clone_from(&error.message);
                if life.exit_code == 0 {
                    life.exit_code = 128;
                }
                return Err(error);
            }
        };
        let now = self.now;
        let container = self.get_mut(id, action)?;
        let check = container.spec.healthcheck;
        let life = &mut container.life;
        life.status = Status::Running;
        life.exit_code = 0;
        life.error.clear();
        life.started = Some(now);
        life.again = None;
        life.bound = bound;
        life.failures = 0;
        life.health = check.map(|_| Health::Starting);
        life.health_log.clear();
        life.probe = check.map(|check| now + check.interval);
        container.logs.push(format!("{} starts", container.service));
        if let Some(gateway) = self.gateways.get_mut(id) {
            gateway.held.clear();
        }
        self.migrate(id);
        Ok(())
    }

    /// What a container needs before it can run; answers with the host ports that it gets.
    fn obtain(&self, id: &str, action: &str) -> EngineResult<Vec<HostPort>> {
        let container = self.get(id, action)?;
        let error = |kind, message: String| EngineError::new(kind, action, message);
        for network in container.networks.keys() {
            if !self.networks.contains_key(network) {
                let message = format!("network {network} not found");
                return Err(error(EngineErrorKind::NotFound, message));
            }
        }
        if let Some(host) = &container.spec.lives_in {
            let runs = |host: &String| {
                self.containers.get(host).is_some_and(|c| c.life.status == Status::Running)
            };
            if !runs(host) {
                let message = format!("cannot join network of a non running container: {host}");
                return Err(error(EngineErrorKind::Conflict, message));
            }
        }
        if self.behaviour(container) == Behaviour::CannotStart {
            let message = "exec /app: no such file or directory".to_owned();
            return Err(error(EngineErrorKind::Other, message));
        }
        let mut bound = Vec::new();
        for port in &container.spec.ports {
            let free = candidates(port).find(|wanted| {
                self.holder(wanted).is_none() && !bound.iter().any(|had| clash(wanted, had))
            });
            match (free, port.published) {
                (Some(free), _) => bound.push(free),
                (None, None) => {}
                (None, Some((first, _))) => {
                    let message =
                        format!("Bind for 0.0.0.0:{first} failed: port is already allocated");
                    return Err(error(EngineErrorKind::PortTaken, message));
                }
            }
        }
        Ok(bound)
    }

    /// Who holds a host port: a container's name, or nothing known.
    pub(super) fn holder(&self, wanted: &HostPort) -> Option<Option<&str>> {
        if self.taken.iter().any(|port| clash(port, wanted)) {
            return Some(None);
        }
        let holds = |bound: &[HostPort]| bound.iter().any(|port| clash(port, wanted));
        let holder = self.containers.values().find(|container| holds(&container.life.bound));
        holder.map(|container| Some(container.name.as_str()))
    }
}

/// The host ports that would do.
pub(super) fn candidates(port: &Port) -> impl Iterator<Item = HostPort> {
    let range = port.published.map(|(first, last)| first..=last).into_iter().flatten();
    range.map(|number| HostPort {
        address: port.host_ip.clone().unwrap_or_default(),
        port: number,
        protocol: port.protocol.clone(),
    })
}

/// Whether both can't be bound at once.
fn clash(one: &HostPort, other: &HostPort) -> bool {
    let any = |port: &HostPort| port.address.is_empty() || port.address == "0.0.0.0";
    one.port == other.port
        && one.protocol == other.protocol
        && (one.address == other.address || any(one) || any(other))
}
