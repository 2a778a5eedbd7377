//! Going on as another process: the supervisor starts it, and says when it serves.

use super::controller::Controller;
use super::outcome::Outcome;
use crate::channel::ToSupervisor;
use backstay_routes::{Refusal, RefusalKind, Result};
use std::path::PathBuf;
use std::sync::PoisonError;
use tokio::sync::oneshot;

impl Controller {
    /// Asks for it and waits. No routes change meanwhile: the new worker has read those that are in force.
    pub(super) async fn upgrade(&self, binary: Option<String>) -> Result<(u32, String)> {
        self.holds.freeze()?;
        let outcome = self.ask_for_upgrade(binary.map(PathBuf::from)).await;
        self.holds.thaw();
        outcome.map_err(|why| {
            let message = format!("the upgrade failed, and nothing has changed: {why}");
            Refusal::new(RefusalKind::Upgrade, message)
        })
    }

    async fn ask_for_upgrade(&self, binary: Option<PathBuf>) -> Outcome {
        let (sender, outcome) = oneshot::channel();
        let _unchanged = self.routes.lock().await;
        *self.upgrade.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        let asked = self.supervisor.send(&ToSupervisor::Upgrade { binary }, &[]);
        asked.map_err(|error| format!("the supervisor does not hear: {error}"))?;
        outcome.await.unwrap_or_else(|_| Err("the supervisor has said nothing".into()))
    }

    /// The supervisor has said how it ended.
    pub(crate) fn upgraded(&self, outcome: Outcome) {
        let waiting = self.upgrade.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(waiting) = waiting {
            let _ = waiting.send(outcome);
        }
    }
}
