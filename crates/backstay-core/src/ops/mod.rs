//! The operations: what the command line and the web page call.

pub mod backups;
mod builds;
pub mod certificate;
mod claim;
pub mod deploy;
mod directories;
pub mod environment;
pub mod export;
mod finish;
mod first_start;
mod images;
pub mod import;
mod late;
mod mounts;
mod old_backup;
mod preflight;
mod prepare;
mod pulls;
pub mod recover;
mod renamed;
mod report;
pub mod restore_test;
pub mod rollback;
mod room;
mod scope;
pub mod services;
pub mod status;
mod strays;
mod vault_size;
mod verify;

pub use old_backup::images_in_containers;
pub use preflight::ROOM;
pub use report::{RESTART_ENGINE, RunReport};
