//! Handover by names: the engine's DNS leads to whoever has the service's names.

use std::sync::Arc;

use crate::engine::{Created, EngineResult, Status};
use crate::naming::kept_name;
use crate::plan::{Swap, Traffic};
use crate::ports::Engine;

/// Gives the names of the old container to the new one. All find the new one at once.
pub(crate) struct Names {
    engine: Arc<dyn Engine>,
}

impl Names {
    /// On this engine.
    #[must_use]
    pub(crate) fn new(engine: Arc<dyn Engine>) -> Self {
        Self { engine }
    }

    /// Renames a container. One that is being restarted by its policy can't be; then it is stopped first. Returns whether it was.
    async fn rename(&self, id: &str, name: &str) -> EngineResult<bool> {
        let Err(error) = self.engine.rename(id, name).await else { return Ok(false) };
        // By now it may run for a moment: what counts is that its policy starts it again and again.
        let found = self.engine.container(id).await?;
        let falls = found.is_some_and(|found| {
            found.state.restarts > 0 || found.state.status == Status::Restarting
        });
        if !falls {
            return Err(error);
        }
        self.engine.stop(id).await?;
        self.engine.rename(id, name).await?;
        Ok(true)
    }

    /// The new container has the names of the old one.
    pub(crate) async fn offer(&self, run: &str, swap: &Swap) -> EngineResult<()> {
        let Traffic::Names { new: names, address, .. } = &swap.traffic;
        if let Some(old) = &swap.old {
            self.rename(&old.id, &kept_name(&old.name, run)).await?;
        }
        let Some(new) = &swap.new else { return Ok(()) };
        let stopped = self.rename(&new.id, &new.name).await?;
        if stopped && swap.overlap {
            self.engine.start(&new.id).await?;
        }
        for (network, aliases) in names {
            if let (true, Some(old)) = (*address, &swap.old) {
                // The lowest address that is free is given to who joins next: the one that this gives back.
                self.engine.leave(&old.id, network).await?;
            }
            self.engine.set_aliases(&new.id, network, aliases).await?;
        }
        Ok(())
    }

    /// The old container has its names again.
    pub(crate) async fn withdraw(&self, run: &str, swap: &Swap) -> EngineResult<()> {
        let Traffic::Names { old: names, address, .. } = &swap.traffic;
        if let Some(new) = &swap.new
            && let Some(found) = self.engine.container(&new.id).await?
        {
            let hidden = format!("{}{}", new.name, Created::suffix(run, false));
            self.rename(&new.id, &hidden).await?;
            if *address {
                // The old one's addresses have to be free when it comes back.
                for network in found.networks.keys() {
                    self.engine.leave(&new.id, network).await?;
                }
            }
        }
        let Some(old) = &swap.old else { return Ok(()) };
        // One that is gone is missed by whoever starts it.
        let Some(found) = self.engine.container(&old.id).await? else { return Ok(()) };
        self.rename(&old.id, &old.name).await?;
        for (network, aliases) in names {
            if found.networks.get(network) != Some(aliases) {
                self.engine.set_aliases(&old.id, network, aliases).await?;
            }
        }
        Ok(())
    }
}
