//! Whoever calls: the variables of that environment, and how the stack was addressed there.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Whoever calls. It is no part of a stack: two that differ in it alone are the same.
#[derive(Clone, Default)]
pub struct Caller {
    variables: Arc<BTreeMap<String, String>>,
    /// Whether the files were found by their names, as plain `docker compose` finds them.
    pub by_name: bool,
}

impl Caller {
    /// A caller with these variables.
    #[must_use]
    pub fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let named = |(name, value): (String, String)| (known_as(&name), value);
        let variables = Arc::new(variables.into_iter().map(named).collect());
        Self { variables, by_name: false }
    }

    /// The same, who has found the stack's files by their names, or not.
    #[must_use]
    pub fn finding(self, by_name: bool) -> Self {
        Self { by_name, ..self }
    }

    /// The value of a variable, where it is set.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(&known_as(name)).cloned()
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
        write!(out, "Caller({} variables)", self.variables.len())
    }
}
