//! `backstay backups`: a file for each of its verbs.

mod age;
mod dispatch;
mod export;
mod import;
mod list;
mod pin;
mod prune;
mod remove;
mod show;
mod verify;

pub(super) use dispatch::{Backups, run};
