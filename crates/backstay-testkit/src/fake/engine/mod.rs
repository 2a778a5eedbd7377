//! An engine with Compose, in memory.
//!
//! [`EngineState`] is the engine's data with what each request does to it, one file a subject.

mod aliases;
pub(in crate::fake) mod blueprint;
mod build;
pub(in crate::fake) mod compose;
mod create;
mod data;
pub(in crate::fake) mod export;
mod gateway;
mod image;
mod inspect;
mod interpolate;
mod life;
mod naming;
mod network;
mod normal;
pub(in crate::fake) mod recorded;
mod start;
mod state;
mod stop;

/// The engine's id.
pub(in crate::fake) const ID: &str = "b7a2e9c4-fake-engine";

pub use state::{
    Content, EngineState, FakeContainer, FakeGateways, FakeImage, FakeMount, FakeNetwork,
    FakeVolume, Life, Spec,
};
