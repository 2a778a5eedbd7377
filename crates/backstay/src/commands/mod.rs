//! The verbs, a file each.

mod backups;
mod deploy;
mod dispatch;
mod init;
mod limits;
mod recover;
mod rollback;
mod status;
mod update;
mod version;
mod world;

pub(crate) use dispatch::{Command, dispatch};
