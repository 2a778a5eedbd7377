//! The parts of a run that people see, as the guide numbers them.

use crate::event::{Event, Phase};

/// A part of a deployment: eight of the whole stack, and four of an update of some services.
pub(super) fn of_deployment(phase: Phase, is_update: bool) -> Option<Event> {
    let (whole, update) = match phase {
        Phase::Check => (Some(1), Some(1)),
        Phase::Backup => (Some(2), Some(2)),
        Phase::Environment => (Some(3), None),
        Phase::Certificate => (Some(4), None),
        Phase::DataDirectories => (Some(5), None),
        Phase::Plan => (Some(6), None),
        Phase::Images => (Some(7), None),
        Phase::Services => (Some(8), None),
        Phase::Update => (None, Some(3)),
        Phase::Verify => (None, Some(4)),
        Phase::RestoreFiles | Phase::CheckImages | Phase::RestoreImages => (None, None),
    };
    let (number, of) = if is_update { (update, 4) } else { (whole, 8) };
    Some(Event::Phase { number: number?, of, phase })
}

/// A part of a rollback: four of the whole stack, and three of an update's services.
pub(super) fn of_rollback(phase: Phase, is_update: bool) -> Option<Event> {
    let (whole, update) = match phase {
        Phase::Backup => (Some(1), Some(1)),
        Phase::RestoreFiles => (Some(2), None),
        Phase::CheckImages => (Some(3), None),
        Phase::RestoreImages => (None, Some(2)),
        Phase::Services => (Some(4), Some(3)),
        _ => (None, None),
    };
    let (number, of) = if is_update { (update, 3) } else { (whole, 4) };
    Some(Event::Phase { number: number?, of, phase })
}
