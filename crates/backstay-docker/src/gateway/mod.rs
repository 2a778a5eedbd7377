//! Gateways on Docker: their program and image, their containers, and the way to their control socket.

mod control;
mod create;
#[cfg(target_os = "linux")]
mod direct;
mod find;
mod image;
mod program;
mod sessions;
mod upgrade;

pub(crate) use create::create;
pub(crate) use find::{find, read_routes, write_routes};
pub(crate) use image::remove as remove_images;
pub(crate) use program::Program;
pub(crate) use sessions::Sessions;
pub(crate) use upgrade::upgrade;
