//! Whoever is told what happens.

use crate::event::Event;

/// Receives each event once, in order. Journaled events arrive after they are on disk.
pub trait Reporter: Send + Sync {
    /// Takes note of an event. Must not block and must not fail: what cannot be shown is dropped.
    fn report(&self, event: &Event);
}

/// A reporter that drops everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Reporter for Silent {
    fn report(&self, _event: &Event) {}
}
