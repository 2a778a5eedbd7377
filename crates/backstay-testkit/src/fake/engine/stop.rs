//! Stopping, removing and renaming containers.

use std::time::Duration;

use backstay_core::engine::{EngineError, EngineErrorKind, EngineResult, Status};

use super::state::EngineState;
use crate::fake::behaviour::Behaviour;

impl EngineState {
    /// How long a container takes to stop.
    pub(in crate::fake) fn time_to_stop(&self, id: &str) -> Duration {
        let stubborn = |id: &str| {
            let container = self.containers.get(id)?;
            let waits = container.life.status == Status::Running
                && self.behaviour(container) == Behaviour::IgnoresTerm;
            waits.then_some(container.spec.grace)
        };
        stubborn(id).unwrap_or_default()
    }

    /// `docker stop`.
    pub(in crate::fake) fn stop(&mut self, id: &str) {
        let Some(container) = self.containers.get(id) else { return };
        let killed = self.behaviour(container) == Behaviour::IgnoresTerm;
        let Some(container) = self.containers.get_mut(id) else { return };
        let life = &mut container.life;
        match life.status {
            Status::Created | Status::Exited | Status::Dead => return,
            Status::Restarting => {}
            Status::Running | Status::Paused => {
                life.exit_code = if killed { 137 } else { 0 };
                life.last_end = Some(life.exit_code);
            }
        }
        life.status = Status::Exited;
        life.probe = None;
        life.again = None;
        life.bound.clear();
        container.logs.push(format!("{} stops", container.service));
    }

    /// `docker rm --force`, with `volumes` the anonymous volumes that were made for it alone.
    pub(in crate::fake) fn remove(&mut self, id: &str, volumes: bool) {
        let Some(container) = self.containers.remove(id) else { return };
        self.gateways.remove(id);
        if volumes {
            let containers = &self.containers;
            self.volumes.retain(|name, volume| {
                let used = |c: &super::FakeContainer| {
                    c.spec.mounts.iter().any(|mount| mount.volume && mount.source == *name)
                };
                volume.made_for.as_deref() != Some(container.id.as_str())
                    || containers.values().any(used)
            });
        }
        // The engine keeps an image that has no name for as long as a container needs it, and longer.
    }

    /// `docker rename`.
    pub(in crate::fake) fn rename(&mut self, id: &str, name: &str) -> EngineResult<()> {
        let action = format!("renaming container {id} to {name}");
        self.get(id, &action)?;
        if let Some(other) = self.containers.values().find(|c| c.name == name && c.id != id) {
            let message = format!("the name {name:?} is in use by container {}", other.id);
            return Err(EngineError::new(EngineErrorKind::Conflict, action, message));
        }
        if self.get(id, &action)?.life.status == Status::Restarting {
            let message = "container is restarting, wait until the container is running";
            return Err(EngineError::new(EngineErrorKind::Conflict, action, message));
        }
        name.clone_into(&mut self.get_mut(id, &action)?.name);
        Ok(())
    }
}
