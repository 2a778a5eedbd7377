//! Turning the gateway on and off: the file beside the user's own that takes host ports from services, so that the gateway can
//! hold them. The user's files are not touched.

mod choice;
mod file;
mod gap;
mod status;

pub use backstay_routes::{Counters, ServiceStatus, TargetStatus};
pub use choice::{GatewayChoice, addressed};
pub(crate) use choice::{change, found, obsolete, place, readable};
pub use gap::{Gap, gap};
pub use status::{GatewayReport, status, upgrade};
