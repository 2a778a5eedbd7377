//! What the transaction needs from the world: an engine, a store for its own files, a clock, and someone to report to.

mod certificates;
mod clock;
mod container_file;
mod engine;
mod engine_error;
mod reporter;
mod store;

pub use certificates::{
    CertificateError, CertificateFinding, Certificates, Checked, Made, Outline, Variables,
};
pub use clock::Clock;
pub use container_file::ContainerFile;
pub use engine::{
    Answer, BuildRequest, BuildTarget, Claim, Container, CreateRequest, CreateService, Created,
    Engine, EngineInfo, Health, HostPort, HostPorts, ImageById, ImageDetail, MemoryUse, OwnChecks,
    PortClaim, PortConflict, PullRequest, Source, State, Status, Stranger,
};
pub use engine_error::{EngineError, EngineErrorKind, EngineResult, LOST_COUNT};
pub use reporter::{Reporter, Silent};
pub use store::{EntryKind, Metadata, Owner, Staged, Store};
