//! What Backstay and its gateway say to each other, as plain data: the routes, the requests of the control socket and
//! their answers, and the statistics. `docs/gateway-protocol.md` describes the shapes.
//!
//! This crate opens nothing, waits for nothing and prints nothing.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod answer;
mod check;
mod refusal;
mod request;
mod snapshot;
mod status;
mod subnet;
mod way;

pub use answer::{Answer, Drained, Reply};
pub use check::MAX_LISTENERS;
pub use refusal::{Refusal, RefusalKind, Result};
pub use request::{Envelope, Hold, Request};
pub use snapshot::{FORMAT, Listener, Mode, Route, Service, Side, Snapshot, Target};
pub use status::{Counters, Errors, ListenerStatus, ServiceStatus, Status, Statuses, TargetStatus};
pub use subnet::Subnet;
pub use way::{Found, Way};
