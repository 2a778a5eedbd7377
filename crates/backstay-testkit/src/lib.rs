//! What the tests share: fakes, conformance suites, the demo app and a load of requests.
//!
//! `app`, `load`, `ports` and `tally` need nothing but std; `fuzz` stands behind the feature of that name, and
//! everything else behind `fakes`.

pub mod app;
#[cfg(feature = "fakes")]
pub mod conformance;
#[cfg(all(unix, feature = "engine-api"))]
pub mod engine_api;
#[cfg(feature = "fakes")]
pub mod fake;
#[cfg(feature = "fuzz")]
pub mod fuzz;
pub mod load;
pub mod ports;
pub mod tally;
