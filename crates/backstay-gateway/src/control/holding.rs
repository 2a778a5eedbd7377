//! Holding services and letting them go.

use super::controller::Controller;
use super::holds::SessionId;
use backstay_routes::{Hold, Refusal, RefusalKind, Result};
use std::time::Duration;

impl Controller {
    /// Shuts the gates of these services, all or none.
    pub(super) fn hold(&self, session: SessionId, hold: &Hold) -> Result<()> {
        let table = self.shared.table();
        let mut holds = self.holds.lock();
        if holds.frozen {
            let message = "the gateway is being upgraded; hold when that is done";
            return Err(Refusal::new(RefusalKind::Busy, message));
        }
        for name in &hold.services {
            if !table.services.contains_key(name) {
                let message = format!("the routes have no service `{name}`");
                return Err(Refusal::new(RefusalKind::Unknown, message));
            }
            if holds.holders.get(name).is_some_and(|holder| *holder != session) {
                let message = format!("`{name}` is held by another connection");
                return Err(Refusal::new(RefusalKind::Busy, message));
            }
        }
        for name in &hold.services {
            holds.holders.insert(name.clone(), session);
            let gate = &table.services[name].live.gate;
            gate.shut(hold.limit, Duration::from_millis(hold.wait_ms));
        }
        drop(holds);
        self.shared.tell_change();
        Ok(())
    }

    /// Whether this connection holds anything.
    pub(super) fn holds_any(&self, session: SessionId) -> bool {
        self.holds.lock().holders.values().any(|holder| *holder == session)
    }

    /// Opens these services in steps. Says how many waited.
    pub(super) async fn open(&self, session: SessionId, services: &[String]) -> Result<u64> {
        {
            let mut holds = self.holds.lock();
            let is_own = |name: &&String| holds.holders.get(*name) == Some(&session);
            if let Some(other) = services.iter().find(|name| !is_own(name)) {
                let message = format!("this connection does not hold `{other}`, or no longer");
                return Err(Refusal::new(RefusalKind::NotHeld, message));
            }
            for name in services {
                holds.holders.remove(name);
            }
        }
        Ok(self.open_gates(services).await)
    }

    /// The connection is closed, or its lease has ended.
    pub(super) async fn open_all(&self, session: SessionId) {
        let services: Vec<String> = {
            let mut holds = self.holds.lock();
            let own = holds.holders.extract_if(|_, holder| *holder == session);
            own.map(|(name, _)| name).collect()
        };
        if !services.is_empty() {
            self.open_gates(&services).await;
        }
    }

    async fn open_gates(&self, services: &[String]) -> u64 {
        let routes = self.routes.lock().await;
        let live = services.iter().filter_map(|name| routes.registry.services.get(name));
        let waiting = live.map(|live| live.gate.open()).sum();
        self.shared.tell_change();
        waiting
    }
}
