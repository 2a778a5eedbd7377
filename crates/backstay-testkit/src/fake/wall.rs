//! The wall clock of virtual time.

use std::time::{Duration, SystemTime};

/// Virtual time starts at 2024-01-29T14:30:52Z.
const EPOCH: u64 = 1_706_538_652;

/// The wall clock at a moment of virtual time.
pub(super) fn wall(now: Duration) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(EPOCH) + now
}

/// A moment of virtual time as the engine writes it.
pub(super) fn stamp(now: Duration) -> String {
    jiff::Timestamp::try_from(wall(now)).map(|time| time.to_string()).unwrap_or_default()
}
