//! What differs on an engine, with the reason: the tests that need it are left out there, and the page says so.

use super::kind::Kind;

/// A difference, and the tests (by parts of their names) that can't hold because of it.
#[derive(Debug)]
pub(super) struct Difference {
    pub(super) kind: Kind,
    pub(super) what: &'static str,
    pub(super) tests: &'static [&'static str],
}

const ALL: &[Difference] = &[Difference {
    kind: Kind::Podman,
    what: "Podman's builder takes a cached layer although a build argument differs (`ARG` that only `ENV` or `COPY` uses), for \
           plain `docker compose build` too. So an image whose version is a build argument and nothing else does not change; \
           one of whose files changes does.",
    tests: &[
        "adopt::",
        "crash::",
        "failing::",
        "guide::",
        "kinds::",
        "old::",
        "rollback::",
        "secrets::",
        "services::",
        "surroundings::",
    ],
}];

pub(super) fn of(kind: Kind) -> impl Iterator<Item = &'static Difference> {
    ALL.iter().filter(move |difference| difference.kind == kind)
}
