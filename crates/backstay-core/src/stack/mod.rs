//! Desired state: where a stack is, and what its Compose model says.

mod caller;
mod completed;
mod data;
mod dockerfile;
mod dollars;
mod duration;
mod env_file;
mod fingerprint;
mod folder;
mod follow;
mod gateway;
mod held_port;
mod hook;
mod image_name;
mod injected;
mod keys;
mod model;
mod origin;
mod parse;
mod place;
mod places;
mod port;
mod probe;
mod pull_policy;
mod reference;
mod required;
mod retention;
mod run_hook;
mod said_data;
mod said_hooks;
mod service;
mod vault;
mod yaml;

pub use crate::unsupported::{Unsupportable, Unsupported};
pub use caller::Caller;
pub(crate) use completed::completed;
pub use data::{Consistency, Copy, DataSet, Dump, Encrypt, PRESETS, Preset, Way};
pub use dockerfile::{Base, build_bases};
pub use duration::parse_duration;
pub use env_file::env_value;
pub use folder::FolderState;
pub(crate) use folder::{Tree, folder_digest, tree};
pub use follow::{Again, Follow};
pub use gateway::{GatewayRules, GatewaySettings, HELD};
pub(crate) use gateway::{can_hold, entry as gateway_entry};
pub use held_port::HeldPort;
pub use hook::{Hook, Hooks};
pub use image_name::{familiar, is_movable};
pub use injected::{ContentOrigin, Injected};
pub use keys::{SERVICE_KEYS, TOP_KEYS};
pub use model::{Definition, Model, Network};
pub use origin::{StackRef, referenced_variables};
pub(crate) use places::{comes_and_goes, holds_no_data, is_machines};
pub use port::Port;
pub use probe::{Check, Http, Probe};
pub use pull_policy::PullPolicy;
pub(crate) use reference::{Dollars, filled};
pub use required::{Required, required_variables};
pub use retention::Retention;
pub use run_hook::{HookPoint, Operation, RunHook};
pub use service::{
    BuildSection, Condition, Dependency, FailureAction, Healthcheck, Mount, MountKind, Order,
    Restart, Service, ServiceNetwork, UpdateConfig,
};
pub use vault::{Pulled, VaultRules};
pub(crate) use yaml::documents;
