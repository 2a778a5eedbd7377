//! `report`: one archive with what is needed to look into a problem, without secrets.

mod archive;
mod collect;
mod cover;
mod listing;
mod redaction;
pub(crate) mod screen;
mod system;

pub(crate) use archive::pack;
pub(crate) use collect::{Collected, collect, safe};
