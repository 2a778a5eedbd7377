//! The environment of whoever calls: what variables have which values there.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The variables of the calling process. They are no part of a stack: two that differ in them alone are the same.
#[derive(Clone, Default)]
pub struct Caller(Arc<BTreeMap<String, String>>);

impl Caller {
    /// A caller with these variables.
    #[must_use]
    pub fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let named = |(name, value): (String, String)| (known_as(&name), value);
        Self(Arc::new(variables.into_iter().map(named).collect()))
    }

    /// The value of a variable, where it is set.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<String> {
        self.0.get(&known_as(name)).cloned()
    }
}

/// Windows does not tell upper case from lower case here.
fn known_as(name: &str) -> String {
    if cfg!(windows) { name.to_uppercase() } else { name.to_owned() }
}

impl PartialEq for Caller {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl Eq for Caller {}

/// Values may be secrets.
impl fmt::Debug for Caller {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Caller({} variables)", self.0.len())
    }
}
