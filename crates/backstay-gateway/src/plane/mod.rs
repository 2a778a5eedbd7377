//! What carries traffic: threads, the sockets on which they accept, and what they find out about a connection.

mod accept;
mod converse;
mod peek;
mod port;
mod socket;
mod threads;

pub(crate) use socket::bind;
pub(crate) use threads::Plane;
