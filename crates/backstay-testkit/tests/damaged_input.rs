//! Damaged input: every file and folder under `.backup/` is cut, changed, removed or replaced. What is damaged is refused by
//! name and nothing changes; the rest stays usable.

#![allow(clippy::unwrap_used)] // helpers of tests are tests too

#[path = "damaged"]
mod damaged {
    mod claims;
    mod current;
    mod ground;
    mod harm;
    mod journals;
    mod releases;
    mod runs;
    mod vault;
}
