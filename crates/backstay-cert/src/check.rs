//! What is wrong, or soon will be, with a certificate.

use jiff::Timestamp;

use crate::host::Host;
use crate::text::shown;
use crate::{Info, KeyState};

/// How many days before its end a certificate is warned of.
pub const WARN_DAYS: i64 = 30;

const DAY: i64 = 24 * 60 * 60;

/// Something that is wrong with a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// It is no longer good.
    Expired {
        /// Its last moment.
        not_after: Timestamp,
    },
    /// It is not good yet.
    NotYetValid {
        /// Its first moment.
        not_before: Timestamp,
    },
    /// It ends within [`WARN_DAYS`] days.
    EndsSoon {
        /// Its last moment.
        not_after: Timestamp,
        /// Whole days until then: 0 on its last day.
        days_left: i64,
    },
    /// It is not good for a name that the stack is reached by.
    NameNotCovered {
        /// The name.
        name: String,
    },
    /// There is no key beside it: a server can't use it.
    KeyMissing,
    /// The key beside it belongs to another certificate.
    KeyMismatch,
}

impl Finding {
    /// Whether the certificate still works.
    #[must_use]
    pub fn is_warning(&self) -> bool {
        matches!(self, Self::EndsSoon { .. })
    }
}

/// What is wrong with a certificate at the time `now` for a stack that is reached by `names`: DNS names or IP addresses.
/// Both of its dates belong to the time that it is good for (RFC 5280, section 4.1.2.5).
#[must_use]
pub fn check(info: &Info, now: Timestamp, names: &[String]) -> Vec<Finding> {
    let uncovered = names.iter().filter(|name| !covers(info, name));
    let uncovered = uncovered.map(|name| Finding::NameNotCovered { name: shown(name) });
    check_dates(info, now).into_iter().chain(check_key(info)).chain(uncovered).collect()
}

fn check_dates(info: &Info, now: Timestamp) -> Option<Finding> {
    let (not_before, not_after) = (info.not_before, info.not_after);
    let left = not_after.as_second() - now.as_second();
    if left < 0 {
        Some(Finding::Expired { not_after })
    } else if now < not_before {
        Some(Finding::NotYetValid { not_before })
    } else {
        let days_left = left / DAY;
        (left <= WARN_DAYS * DAY).then_some(Finding::EndsSoon { not_after, days_left })
    }
}

fn check_key(info: &Info) -> Option<Finding> {
    match info.key {
        KeyState::Missing => Some(Finding::KeyMissing),
        KeyState::Mismatch => Some(Finding::KeyMismatch),
        KeyState::Matches | KeyState::Unchecked => None,
    }
}

fn covers(info: &Info, wanted: &str) -> bool {
    let Ok(wanted) = Host::parse(wanted) else { return false };
    info.names.iter().filter_map(|name| Host::parse(name).ok()).any(|name| name.covers(&wanted))
}
