//! What differs on an engine, with the reason: the tests that need it are left out there, and the page says so.

use super::kind::Kind;

/// A difference, and the tests (by parts of their names) that can't hold because of it.
#[derive(Debug)]
pub(super) struct Difference {
    pub(super) kind: Kind,
    pub(super) what: &'static str,
    pub(super) tests: &'static [&'static str],
}

const ALL: &[Difference] = &[];

pub(super) fn of(kind: Kind) -> impl Iterator<Item = &'static Difference> {
    ALL.iter().filter(move |difference| difference.kind == kind)
}
