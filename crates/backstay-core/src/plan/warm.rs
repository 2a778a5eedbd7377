//! Whose old containers stay up for a while after the commit, so that a rollback is a switch back, and streams are not cut.
//!
//! Only where nobody notices: they run beside the new ones, so that nothing may be written, worked off or found twice, and
//! nobody but the gateway may lead there.

use super::change::{Action, Change, Method};
use super::desired::{Desired, Running};
use super::follow::{self, Follower};
use super::hazards;
use crate::engine::{Container, Status};

/// Notes it at the changes of a run behind a gateway that stays. `left` is the memory that is free when each runs twice; `None` where
/// that is not known.
pub(super) fn note(
    desired: &Desired<'_>,
    running: &Running,
    changes: &mut [Change],
    followers: &[Follower],
    mut left: Option<u64>,
) {
    if desired.mistaken_by_compose {
        return;
    }
    for change in changes.iter_mut() {
        let name = &change.service;
        let settings = desired.model.gateway.of(name);
        let is_followed = followers.iter().any(|follower| &follower.of == name);
        if settings.keep_warm.is_zero()
            || !desired.model.gateway.holds_for(name)
            || is_followed
            || !may_stay(desired, running, change)
        {
            continue;
        }
        // A way back needs room for one more while these are up.
        let used = desired.memory.as_ref().and_then(|memory| memory.used.get(name));
        let needs = used.copied().unwrap_or_default();
        match left.map(|left| left.checked_sub(needs)) {
            Some(None) => continue,
            Some(rest) => left = rest,
            None => {}
        }
        change.warm = Some(settings.keep_warm.as_secs().max(1));
    }
}

/// Whether nothing happens twice, and nobody finds it, while its old containers are up.
fn may_stay(desired: &Desired<'_>, running: &Running, change: &Change) -> bool {
    let Some(service) = desired.model.services.get(&change.service) else { return false };
    let mut others = desired.model.services.values().filter(|other| other.name != service.name);
    let mut live = running.containers.iter().filter(|live| live.service == service.name);
    // What others made does not say what to do at its end.
    let is_ours = |live: &Container| live.run.is_some() && live.state.status == Status::Running;
    matches!(change.action, Action::Replace | Action::BuildFirst)
        && change.method == Method::Beside
        && change.why.is_empty()
        && change.shares.is_empty()
        && change.keeps_address_for.is_empty()
        && live.all(is_ours)
        && service.borrows.is_empty()
        && !others.any(|other| {
            other.borrows.contains(&service.name)
                || hazards::relies_on(other, &service.name)
                || follow::follows(desired, other, service).is_some()
        })
}
