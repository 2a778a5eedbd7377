//! The verbs, a file each.

mod asking;
mod backups;
mod cert;
mod checking;
mod data;
mod deploy;
mod dispatch;
mod doctor;
mod down;
mod end_warm;
mod gateway;
mod init;
mod limits;
mod recover;
mod report;
mod rollback;
mod status;
mod update;
mod version;
mod world;

pub(crate) use dispatch::{Command, dispatch};
