//! `doctor`: what is wrong with the machine and the stack, and what to do about it. A file a check.

mod about;
mod backups;
mod clock;
mod daemon_json;
mod data;
mod engine;
mod examine;
mod finding;
mod host_ports;
mod mirrors;
mod permissions;
mod registries;
mod runs;
pub(crate) mod screen;
mod space;
mod stack;
mod tools;

pub(crate) use about::About;
pub(crate) use daemon_json::Mirror;
pub(crate) use data::suggested;
pub(crate) use examine::examine;
pub(crate) use finding::{Finding, Level, exit};
pub(crate) use mirrors::{MirrorChange, Wish, change};
pub(crate) use registries::Unreachable;
