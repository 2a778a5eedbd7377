//! Addresses by name. The C library's way loads plug-ins, which a program without shared libraries can't.

mod cache;
mod query;
mod server;

pub(crate) use cache::Cached;
pub(crate) use server::nameserver;
