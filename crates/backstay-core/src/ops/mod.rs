//! The operations: what the command line and the web page call.

pub mod backups;
mod basis;
mod builds;
pub mod certificate;
mod check_backups;
mod claim;
mod conduct;
pub mod data;
pub mod deploy;
mod directories;
pub mod environment;
pub mod export;
mod finish;
mod first_start;
mod from_files;
mod from_release;
mod images;
pub mod import;
mod late;
mod mounts;
mod preflight;
mod pulls;
mod recorded;
pub mod recover;
mod renamed;
mod report;
pub mod restore_test;
pub mod rollback;
mod room;
pub mod services;
pub mod status;
mod strays;
mod vault_size;

pub use basis::images_in_containers;
pub use preflight::ROOM;
pub use report::{RESTART_ENGINE, RunReport};
