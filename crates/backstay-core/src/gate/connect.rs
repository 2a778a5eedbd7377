//! The ports of a container that has no healthcheck: it is ready when somebody listens on them.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::engine::Answer;

/// How often a port is asked.
const PACE: Duration = Duration::from_millis(300);

/// How long a connection may take.
pub(super) const TIMEOUT: Duration = Duration::from_secs(2);

/// How long is waited for ports that the predecessor listened on, or that the model names.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// The same for those that only the image names: often nobody listens on them.
const LIMIT_OF_IMAGE: Duration = Duration::from_secs(15);

/// How long is waited for further ones when somebody listens on one of them.
const LIMIT_OF_OTHERS: Duration = Duration::from_secs(10);

/// The ports of one container.
pub(super) struct Ports {
    wanted: BTreeSet<u16>,
    /// Whether one of them is enough: the image's own list says what could be.
    any: bool,
    limit: Duration,
    open: BTreeSet<u16>,
    asked: BTreeSet<u16>,
    due: Duration,
    is_out_of_reach: bool,
}

/// How the ports stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// There is nothing to ask.
    Nothing,
    /// Not yet.
    Awaited,
    /// Somebody listens.
    Open,
    /// Nobody listens on some of them, and it has been waited long enough.
    Silent,
}

impl Ports {
    /// `before` are those that the predecessor listened on, `model` and `image` those that are said to be listened on.
    pub(super) fn new(
        before: Option<BTreeSet<u16>>,
        model: &BTreeSet<u16>,
        image: &BTreeSet<u16>,
        silent: &BTreeSet<u16>,
    ) -> Self {
        let is_unknown = before.is_none();
        let both = |before: &BTreeSet<u16>| before.intersection(model).copied().collect();
        let (mut wanted, limit): (BTreeSet<u16>, _) = match before {
            // What the predecessor never listened on is hardly listened on now.
            Some(before) if before.is_empty() => (model.clone(), LIMIT_OF_IMAGE),
            Some(before) if model.is_empty() => (before, LIMIT),
            Some(before) if before.is_disjoint(model) => (model.clone(), LIMIT),
            Some(before) => (both(&before), LIMIT),
            None if model.is_empty() => (image.clone(), LIMIT_OF_IMAGE),
            None => (model.clone(), LIMIT),
        };
        let any = is_unknown && model.is_empty();
        wanted.retain(|port| !silent.contains(port));
        Self {
            wanted,
            any,
            limit,
            open: BTreeSet::new(),
            asked: BTreeSet::new(),
            due: Duration::ZERO,
            is_out_of_reach: false,
        }
    }

    /// The ports to ask now.
    pub(super) fn take_turn(&mut self, now: Duration) -> Vec<u16> {
        if self.is_out_of_reach || self.due > now || !self.asked.is_empty() || self.is_open() {
            return Vec::new();
        }
        self.due = now.saturating_add(PACE);
        self.asked = self.wanted.difference(&self.open).copied().collect();
        self.asked.iter().copied().collect()
    }

    /// Takes an answer.
    pub(super) fn take(&mut self, port: u16, answer: &Answer) {
        self.asked.remove(&port);
        match answer {
            Answer::Passed => drop(self.open.insert(port)),
            Answer::Failed(_) => {}
            Answer::OutOfReach(_) => self.is_out_of_reach = true,
        }
    }

    /// How they stand after the container has run for `age`; `is_late` where no more time is left.
    pub(super) fn standing(&self, age: Duration, is_late: bool) -> Standing {
        if self.wanted.is_empty() || self.is_out_of_reach {
            return Standing::Nothing;
        }
        if self.is_open() {
            return Standing::Open;
        }
        let limit = if self.open.is_empty() { self.limit } else { LIMIT_OF_OTHERS.min(self.limit) };
        if is_late || age >= limit { Standing::Silent } else { Standing::Awaited }
    }

    /// Those that nobody listens on.
    pub(super) fn silent(&self) -> BTreeSet<u16> {
        self.wanted.difference(&self.open).copied().collect()
    }

    fn is_open(&self) -> bool {
        if self.any { !self.open.is_empty() } else { self.open.is_superset(&self.wanted) }
    }
}
