//! What the transaction needs from the world: an engine, a store for its own files, a clock, and someone to report to.

mod certificates;
mod clock;
mod engine;
mod handover;
mod reporter;
mod store;

pub use certificates::{
    CertificateError, CertificateFinding, Certificates, Checked, Made, Outline, Variables,
};
pub use clock::Clock;
pub use engine::{Checks, Composer, Containers, Engine, Images, Networks, Volumes};
pub use handover::Handover;
pub use reporter::{Reporter, Silent};
pub use store::{EntryKind, Metadata, Owner, Staged, Store};
