//! Backstay on the command line: arguments in, a screen and an exit code out. What a deployment is stands in
//! `backstay-core`; how Docker does it in `backstay-docker`.
//!
//! A command takes this way: [`run`] parses, `commands::dispatch` picks the file of the verb, the verb calls
//! `backstay_core::ops`, events come back to a reporter in [`ui`], and errors become a message and an exit code in
//! `errors`.

mod app;
mod certificates;
mod clean;
mod cli;
mod clock;
mod commands;
mod doctor;
mod errors;
mod flags;
mod git;
pub mod i18n;
mod outcome;
mod question;
mod report;
mod session;
mod signals;
mod stack_ref;
mod state_place;
mod this_machine;
pub mod ui;

pub use app::run;
