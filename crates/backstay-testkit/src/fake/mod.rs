//! A whole machine in memory: a disk, an engine with Compose, a clock; and processes on it that can be killed at any of
//! their calls.
//!
//! [`Machine`] is what outlives a process. A [`Process`] hands out the ports (`engine`, `store`, `clock`) and counts
//! every call that changes something; a [`Fault`] strikes at one of them. What happens is decided by virtual time
//! and the order of calls alone, so that each run can be repeated exactly.

mod behaviour;
mod by_hand;
mod certificates;
mod disk;
mod engine;
mod faults;
pub mod harness;
mod machine;
mod memo;
mod platter;
mod ports;
mod process;
mod pulse;
mod stack;
mod wall;

pub use behaviour::Behaviour;
pub use certificates::FakeCertificates;
pub use disk::{Disk, Node, NodeKind};
pub use engine::{
    Content, EngineState, FakeContainer, FakeGateways, FakeImage, FakeMount, FakeNetwork,
    FakeVolume, Life, Spec,
};
pub use faults::{Fault, Kind, Point};
pub use machine::{Machine, World};
pub use platter::{Kept, Platter};
pub use ports::{FakeClock, FakeEngine, FakeHost, FakeLocks, MemStore, PlatterFiles};
pub use process::{Ended, Process};
pub use stack::{FakeStack, kept, state};
