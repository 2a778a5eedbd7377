//! The plan of a run: computed from what should be and what is, with no side effect.

mod build;
mod change;
mod desired;
mod facts;
mod follow;
mod gateway;
mod hazards;
mod hooks;
mod host_ports;
mod image_labels;
mod inside;
mod led;
mod method;
mod order;
mod spare;
mod stages;
mod step;
mod swap;
mod undo;
mod warm;
mod waves;

pub use change::{Action, Change, Method, Reason, Twice, Why};
pub use desired::{Desired, Manner, Memory, Running};
pub use facts::Facts;
pub use follow::{Follower, When};
pub(crate) use gateway::{Wish, gateway_name, live_gateway, wish};
pub use hazards::{PROXY_VARIABLES, REHEARSAL_VARIABLE, rehearse_environment};
pub(crate) use hazards::{is_database, labels};
pub use image_labels::is_routed_by;
pub use inside::{Carried, Inside, LeftOut};
pub(crate) use stages::needs;
pub use step::{Plan, Step};
pub use swap::{NewContainer, OldContainer, Routed, Swap, Traffic};
pub use undo::{
    DataPlace, FollowerRecord, GatewayRecord, HookPlace, KeptData, SavedFile, SwitchBackRecord,
    Undo,
};
