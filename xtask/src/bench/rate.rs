//! How often services are asked while they are deployed.

use backstay_testkit::load::Rate;
use std::time::Duration;

/// About 500 requests a second in all, however many services there are: the load must not be what
/// is measured.
pub(super) fn rate(urls: usize) -> Rate {
    let pause = Duration::from_millis(2 * urls as u64).max(Duration::from_millis(5));
    Rate { pause, ..Rate::default() }
}
