//! A client's connection, and how what comes over it gets to a target.

mod connection;
mod dial;
mod enter;

pub(crate) use connection::{Busy, Client};
pub(crate) use dial::dial_in_time;
pub(crate) use enter::{Refused, connect, enter};
