//! All targets, by name.

use super::{backup, compose_file, duration, env_file, holder, journal, model, release, vault};

/// Looks at bytes; panics where a promise does not hold.
pub type Target = fn(&[u8]);

/// Each target with the name that it and its corpus have in `fuzz/`.
pub const TARGETS: [(&str, Target); 9] = [
    ("backup", backup),
    ("compose_file", compose_file),
    ("duration", duration),
    ("env_file", env_file),
    ("holder", holder),
    ("journal", journal),
    ("model", model),
    ("release", release),
    ("vault", vault),
];
