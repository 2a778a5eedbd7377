//! `registry-mirrors` in the engine's `daemon.json`: where the file is, what it would become, and how it is written.

mod edit;
mod location;
mod mirror;
mod write;

pub(super) use edit::{BadFile, Problem, with_mirrors};
pub(super) use location::{Kind, Place, place};
pub(crate) use mirror::{BadMirror, Mirror};
pub(super) use write::{back_up, write};
