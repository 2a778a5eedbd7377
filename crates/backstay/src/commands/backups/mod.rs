//! `backstay backups`: a file for each of its verbs.

mod dispatch;
mod list;
mod pin;
mod prune;
mod remove;
mod show;
mod verify;

pub(super) use dispatch::{Backups, run};
