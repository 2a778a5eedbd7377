//! `backstay data`: the data that goes with releases.

mod dispatch;
mod list;
mod restore;
mod save;
mod verify;

pub(crate) use dispatch::{Data, run};
