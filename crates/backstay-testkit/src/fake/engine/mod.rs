//! An engine with Compose, in memory.
//!
//! [`EngineState`] is the engine's data with what each request does to it, one file a subject; [`FakeEngine`] puts the
//! port, the faults and the stack's files before it.

mod aliases;
mod blueprint;
mod build;
mod checks;
mod compose;
mod create;
mod data;
mod export;
mod image;
mod inspect;
mod interpolate;
mod life;
mod naming;
mod network;
mod normal;
mod port;
mod recorded;
mod start;
mod state;
mod stop;
mod up;

/// The engine's id.
pub(in crate::fake) const ID: &str = "b7a2e9c4-fake-engine";

pub use port::FakeEngine;
pub use state::{
    Content, EngineState, FakeContainer, FakeImage, FakeMount, FakeNetwork, FakeVolume, Life, Spec,
};
