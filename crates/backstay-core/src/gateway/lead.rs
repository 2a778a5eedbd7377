//! The gateway as the second way to lead people from an old container to a new one, beside the names.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::try_join_all;
use tokio::sync::Mutex;

use super::inside::widen;
use super::routes::target;
use crate::engine::{EngineErrorKind, EngineResult};
use crate::names::Names;
use crate::plan::{Routed, Swap};
use crate::ports::{Engine, Handover};

/// Leads by names, and where a gateway holds ports for the service, by its routes too.
pub struct Leading {
    engine: Arc<dyn Engine>,
    names: Names,
    /// Routes are read, changed and given back: one at a time.
    turn: Mutex<()>,
}

impl Leading {
    /// On this engine.
    #[must_use]
    pub fn new(engine: Arc<dyn Engine>) -> Self {
        Self { names: Names::new(engine.clone()), engine, turn: Mutex::new(()) }
    }

    /// Makes `to` one of the service's targets and `from` none. Idempotent. A gateway that is gone leads nobody.
    async fn lead(
        &self,
        by: &Routed,
        service: &str,
        (from, to): (&[&str], Option<(&str, &str)>),
        release: &str,
    ) -> EngineResult<()> {
        let _turn = self.turn.lock().await;
        let mut routes = match self.engine.routes(&by.gateway).await {
            Err(error) if error.kind == EngineErrorKind::NotFound => return Ok(()),
            other => other?,
        };
        let before = routes.clone();
        let Some(known) = routes.services.get_mut(service) else { return Ok(()) };
        known.targets.retain(|target| !from.contains(&target.id.as_str()));
        if let Some((id, name)) = to {
            match known.targets.iter_mut().find(|target| target.id == id) {
                Some(there) => name.clone_into(&mut there.name),
                None => known.targets.push(target(id, name, release)),
            }
        }
        if let Some((id, _)) = to {
            // A new version may listen elsewhere.
            let ports = self.engine.listening(id).await?.unwrap_or_default();
            widen(&mut routes, service, &ports);
        }
        if routes == before {
            return Ok(());
        }
        routes.generation += 1;
        self.engine.set_routes(&by.gateway, &routes).await
    }
}

/// Whom it leads to until the new container takes over.
fn former(swap: &Swap) -> Vec<&str> {
    swap.old.iter().map(|old| &old.id).chain(&swap.stand_ins).map(String::as_str).collect()
}

/// How long the gateway itself is given beyond the service's own time.
const BEYOND: Duration = Duration::from_secs(2);

#[async_trait]
impl Handover for Leading {
    async fn offer(&self, run: &str, swap: &Swap) -> EngineResult<()> {
        self.names.offer(run, swap).await
    }

    async fn hold(&self, swap: &Swap) -> EngineResult<()> {
        let Some(by) = &swap.routed else { return Ok(()) };
        self.engine.hold(&by.gateway, &by.hold(&swap.service)).await
    }

    /// A name leads there or it does not, and so does the gateway so far: to all or to none.
    async fn shift(&self, run: &str, swap: &Swap, _share: u8) -> EngineResult<()> {
        let Some(by) = &swap.routed else { return Ok(()) };
        let to = swap.new.as_ref().map(|new| (new.id.as_str(), new.name.as_str()));
        self.lead(by, &swap.service, (&former(swap), to), run).await
    }

    async fn open(&self, swap: &Swap) -> EngineResult<()> {
        match &swap.routed {
            Some(by) => self.engine.open(&by.gateway, &swap.service).await,
            None => Ok(()),
        }
    }

    async fn drain(&self, swap: &Swap) -> EngineResult<()> {
        let Some(by) = &swap.routed else { return Ok(()) };
        let within = Duration::from_millis(by.drain_ms) + BEYOND;
        let within = u64::try_from(within.as_millis()).unwrap_or(u64::MAX);
        // What it came to is in the gateway's figures.
        let drains = former(swap).into_iter();
        let drains = drains.map(|id| self.engine.drain(&by.gateway, &swap.service, id, within));
        try_join_all(drains).await.map(|_| ())
    }

    async fn withdraw(&self, run: &str, swap: &Swap) -> EngineResult<()> {
        self.names.withdraw(run, swap).await?;
        let Some(by) = &swap.routed else { return Ok(()) };
        let from = swap.new.iter().map(|new| &new.id).chain(&swap.stand_ins);
        let from: Vec<&str> = from.map(String::as_str).collect();
        // Also one that did not run: whoever starts it is found.
        let to = swap.old.as_ref().map(|old| (old.id.as_str(), old.name.as_str()));
        self.lead(by, &swap.service, (&from, to), &by.former).await
    }
}
