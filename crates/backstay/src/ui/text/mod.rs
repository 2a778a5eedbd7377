//! Events as the lines that a person reads, in the manner of the guide.

mod blocks;
mod build_error;
mod changes;
mod data;
mod failure;
mod groups;
mod hooks;
mod inside;
mod lists;
mod notes;
mod overview;
mod phases;
mod prepare;
mod progress;
mod reporter;
mod run;
mod services;
mod steps;
mod summary;
mod unwind;
mod wording;

pub(crate) use changes::{describe, title_in};
pub(crate) use failure::{details, headline};
pub(crate) use inside::lines as inside;
pub(crate) use overview::overview_of_dry_run;
pub(crate) use prepare::finding;
pub use reporter::TextReporter;
pub(crate) use steps::planned;
pub(crate) use summary::unwell_state;
pub use wording::Wording;
pub(crate) use wording::short_id;
