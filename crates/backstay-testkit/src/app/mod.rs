//! The demo server that test images are made of: a small service that misbehaves on demand.
//!
//! It is one static program that runs `FROM scratch`, so a test image is built in well under a
//! second, works offline, and has no shell to lean on.

mod behaviour;
mod client;
mod command;
mod drain;
mod hostile;
mod http;
mod redis;
mod routes;
mod schema;
mod server;
mod settings;
mod signals;
#[cfg(test)]
mod tests;
mod worker;

pub use behaviour::{Behaviour, UnknownWord};
pub use client::{Answer, Target};
pub use command::run;
pub use drain::Drain;
pub use hostile::HOSTILE;
pub use http::serve as serve_http;
pub use redis::Counter;
pub use routes::Routes;
pub use server::Server;
pub use settings::Settings;
