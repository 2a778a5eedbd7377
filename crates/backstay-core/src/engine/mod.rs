//! The engine's things, as plain data: containers, images, what is asked for and what is said.

mod checks;
mod claim;
mod container;
mod container_file;
mod gateway;
mod image;
mod info;
mod port;
mod ran;
mod request;

pub use crate::engine_error::{EngineError, EngineErrorKind, EngineResult};
pub use checks::{Answer, HostPorts, OwnChecks};
pub use claim::Claim;
pub use container::{Container, Health, HostPort, State, Status, Stranger};
pub use container_file::ContainerFile;
pub use gateway::{Gateway, GatewayRequest, HoldRequest, NamesInside};
pub use image::{ImageById, ImageDetail, ImageFacts};
pub use info::{EngineInfo, MemoryUse};
pub use port::{PortClaim, PortConflict};
pub use ran::Ran;
pub use request::{
    BuildRequest, BuildTarget, CreateFrom, CreateRequest, CreateService, Created, PullRequest,
};
