//! The state folder, the only place where the gateway writes.

mod durable;
mod folder;
mod remembered;
mod routes;

pub(crate) use folder::Folder;
pub(crate) use remembered::{Remembered, fingerprint};
pub(crate) use routes::{Found, keep_routes, load_routes};
