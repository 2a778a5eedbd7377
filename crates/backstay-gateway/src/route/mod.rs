//! Where what arrives goes to: the snapshot as the data plane uses it.

mod flight;
mod pool;
mod registry;
mod service;
mod shared;
mod table;
mod target;

pub(crate) use flight::Flight;
pub(crate) use pool::{Idle, Kept};
pub(crate) use registry::Registry;
pub(crate) use service::ServiceLive;
pub(crate) use shared::{Admission, Phase, Shared};
pub(crate) use table::{ListenerLive, Route};
pub(crate) use target::Target;
