//! The gateway, as the transaction sees it: which ports it is to hold, and who its routes lead to.

mod inside;
mod lead;
mod routes;

pub(crate) use inside::{Subnets, listeners as listeners_inside, ports as ports_inside};
pub use lead::Leading;
pub(crate) use routes::{first_routes, strays, target};
