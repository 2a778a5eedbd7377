//! The short way for what most requests are: GET and HEAD over HTTP/1.1, without a body and without anything special. Their heads
//! are changed where they stand, and bodies pass as they come, so that hardly more is done than for bytes. Whatever is not as
//! plain as that goes the long way, from its first byte on.

mod chunks;
mod names;
mod relay;
mod request;
mod response;
mod serve;

pub(super) use serve::{Next, serve};
