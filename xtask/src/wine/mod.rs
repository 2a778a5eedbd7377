//! `cargo xtask wine`: the commands of the Windows program that need no engine, run under Wine.

mod place;
mod run;

pub(crate) use run::run;
