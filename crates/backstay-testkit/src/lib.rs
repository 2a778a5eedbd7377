//! What the tests share: fakes, conformance suites, the demo app and a load of requests.
//!
//! `app`, `load` and `tally` need nothing but std; everything else stands behind the feature `fakes`.

pub mod app;
#[cfg(feature = "fakes")]
pub mod conformance;
#[cfg(feature = "fakes")]
pub mod fake;
pub mod load;
pub mod tally;
