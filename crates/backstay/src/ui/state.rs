//! How a container is, in a few words.

use backstay_core::engine::{Health, Status};

use crate::i18n::{Language, t};

/// `restarting, unhealthy, 7 restarts`.
pub(crate) fn state(
    lang: Language,
    status: Status,
    health: Option<Health>,
    restarts: u32,
) -> String {
    let mut state = match status {
        Status::Created => t!(lang, "state-created"),
        Status::Running => t!(lang, "state-running"),
        Status::Paused => t!(lang, "state-paused"),
        Status::Restarting => t!(lang, "state-restarting"),
        Status::Exited => t!(lang, "state-exited"),
        Status::Dead => t!(lang, "state-dead"),
    };
    let health = health.map(|health| match health {
        Health::Starting => t!(lang, "health-starting"),
        Health::Healthy => t!(lang, "health-healthy"),
        Health::Unhealthy => t!(lang, "health-unhealthy"),
    });
    if let Some(health) = health {
        state = format!("{state}, {health}");
    }
    if restarts > 0 {
        let restarts = t!(lang, "state-restarts", count = restarts);
        state = format!("{state}, {restarts}");
    }
    state
}
