//! Everything that a person or a program sees. Nothing outside of this module prints.

pub(crate) mod backups;
pub(crate) mod certificate;
pub(crate) mod data;
pub(crate) mod diff;
pub(crate) mod direct;
mod discreet;
mod engine;
pub(crate) mod gateway;
mod json;
mod live;
pub(crate) mod lost;
mod parts;
pub(crate) mod plan;
pub(crate) mod prompt;
pub(crate) mod restore_test;
mod screen;
pub(crate) mod size;
mod state;
pub(crate) mod status;
mod stdout;
mod style;
mod text;
pub(crate) mod time;
pub(crate) mod width;

pub(crate) use crate::clean;
pub(crate) use discreet::Discreet;
pub(crate) use engine::engine_name;
pub use json::{JsonReporter, VERSION};
pub(crate) use json::{encode, stamped};
pub use parts::Parts;
pub use screen::{Memory, Row, Screen};
pub(crate) use stdout::Stdout;
pub use style::{ColorChoice, Style};
pub use text::{TextReporter, Wording};
pub(crate) use text::{details, finding, headline};
