//! `backstay backups`: a file for each of its verbs.

mod dispatch;
mod list;
mod prune;
mod remove;
mod show;

pub(super) use dispatch::{Backups, run};
