//! Memory: what would not fit twice is stopped first.

use super::change::{Action, Change, Method, Why};
use super::desired::Desired;

/// Where the memory that is free does not hold all that would run twice, those that would not fit are stopped first.
/// Returns what is left then; `None` where it is not known.
pub(super) fn spare_memory(desired: &Desired<'_>, changes: &mut [Change]) -> Option<u64> {
    let memory = desired.memory.as_ref()?;
    // A tenth stays, for whatever else goes on.
    let mut left = memory.free - memory.free / 10;
    for change in changes.iter_mut() {
        let twice = change.action == Action::Replace && change.is_rehearsed();
        if !twice || change.why.contains(&Why::OneShot) {
            continue;
        }
        let needs = memory.used.get(&change.service).copied().unwrap_or_default();
        // Twin, new and old one run at once for a moment.
        let times = if change.method == Method::RehearsedBeside { 2 } else { 1 };
        match left.checked_sub(needs.saturating_mul(times)) {
            Some(rest) => left = rest,
            None => {
                change.method = Method::StopFirst;
                change.why.push(Why::Memory { needs, free: memory.free });
            }
        }
    }
    Some(left)
}
