//! The engine that every change is tried on: the newest one that can be had, with the store for images that is its default.

use super::{Seat, Store, Versions, newer, own};
use crate::engine;
use crate::failure::{Failure, Result};
use crate::ui;

/// The newest pair of engine and Compose with the containerd store; the machine's own with that store where the newest can't
/// be had; and at last the machine's as it is.
pub(crate) fn newest() -> Result<(Seat, Versions)> {
    if let Some(place) = engine::is_elsewhere() {
        ui::warn(&format!("{place} is set: the tests run on that engine and no other"));
        return answering(Seat::machine());
    }
    let warn = |what: &str, failure: &Failure| {
        ui::warn(&format!("{what} can't be had: {}", failure.what));
    };
    match newer(Store::Containerd).and_then(answering) {
        Ok(found) => return Ok(found),
        Err(failure) => warn("the newest engine", &failure),
    }
    match own(Store::Containerd).and_then(answering) {
        Ok(found) => return Ok(found),
        Err(failure) => warn("the machine's engine with the containerd store", &failure),
    }
    answering(Seat::machine())
}

fn answering(seat: Seat) -> Result<(Seat, Versions)> {
    let versions = seat.versions()?;
    Ok((seat, versions))
}
