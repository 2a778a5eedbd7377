//! `backstay cert`: a file for each of its verbs.

mod check;
mod configured;
mod create;
mod dispatch;
mod file;
mod password;
mod show;

pub(super) use dispatch::{Cert, run};
