//! What the transaction needs from the world: an engine, a store for its own files, a clock, and someone to report to.

mod certificates;
mod clock;
mod commands;
mod data;
mod engine;
mod gateways;
mod handover;
mod reporter;

pub use certificates::{Certificates, Variables};
pub use clock::Clock;
pub use commands::{Commands, Filter, Filtering, HostCommands, Say, Stop, Through};
pub use data::Data;
pub use engine::{Checks, Composer, Containers, Engine, Images, Networks, Volumes};
pub use gateways::Gateways;
pub use handover::Handover;
pub use reporter::{Reporter, Silent};

pub use crate::certificate::{CertificateError, CertificateFinding, Checked, Made, Outline};
pub use crate::store::{EntryKind, Metadata, Owner, Staged, Store};
