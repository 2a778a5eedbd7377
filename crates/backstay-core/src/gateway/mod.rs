//! The gateway, as the transaction sees it: which ports it is to hold, and who its routes lead to.

mod lead;
mod routes;

pub use lead::Leading;
pub(crate) use routes::{first_routes, strays, target};
