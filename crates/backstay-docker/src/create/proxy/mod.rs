//! The guard between Compose and the engine.
//!
//! Compose is asked to create containers and is pointed to this proxy instead of the engine. It sees the project without the
//! containers that are to be replaced; what it creates gets a candidate's name and labels on the way; and whatever would
//! touch a container, network or image that exists is refused. So a release is made by Compose's own rules, and nothing that
//! runs can come to harm.

mod answer;
mod forward;
mod guard;
mod list;
mod server;
mod session;
mod state;
#[cfg(test)]
mod tests;

pub(crate) use server::serve;
pub(crate) use session::Session;
pub(crate) use state::Outcome;
