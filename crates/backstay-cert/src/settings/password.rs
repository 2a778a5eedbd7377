//! Where the password of a PFX file comes from.

use std::fmt;

use zeroize::Zeroizing;

use super::PLACE;
use crate::{Error, Result, password};

/// The variable that holds the password where the settings name none.
pub const DEFAULT_PASSWORD_VARIABLE: &str = "CERT_PASSWORD";

/// Where a password comes from. Printing it for debugging does not show a password.
#[derive(Clone, PartialEq, Eq)]
pub enum PasswordSource {
    /// A variable of the stack's environment.
    Variable(String),
    /// The password itself: what Compose makes of `${VARIABLE}`.
    Given(Zeroizing<String>),
}

impl PasswordSource {
    /// The password. `variable` looks into the stack's environment.
    ///
    /// # Errors
    /// [`Error::Settings`] where the variable is not set or is empty; [`Error::Password`] where a PFX file can't have
    /// this password.
    pub fn resolve(
        &self,
        variable: impl FnOnce(&str) -> Option<String>,
    ) -> Result<Zeroizing<String>> {
        let found = match self {
            Self::Given(password) => password.clone(),
            Self::Variable(name) => match variable(name) {
                Some(password) if !password.is_empty() => Zeroizing::new(password),
                found => return Err(not_set(name, found.is_some())),
            },
        };
        password::validate(&found)?;
        Ok(found)
    }

    /// Reads `password`: `${NAME}` where Compose has not replaced it yet, else the password itself.
    pub(super) fn parse(text: Zeroizing<String>) -> Self {
        let inner = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
        let name = inner.map(|inner| inner.split([':', '?']).next().unwrap_or_default());
        match (inner, name) {
            (Some(inner), Some(name))
                if is_variable(name) && only_required(&inner[name.len()..]) =>
            {
                Self::Variable(name.to_owned())
            }
            _ => Self::Given(text),
        }
    }
}

impl fmt::Debug for PasswordSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => f.debug_tuple("Variable").field(name).finish(),
            Self::Given(_) => f.write_str("Given(hidden)"),
        }
    }
}

/// Whether a text can be the name of a variable.
pub(super) fn is_variable(name: &str) -> bool {
    let first = |c: char| c.is_ascii_alphabetic() || c == '_';
    name.starts_with(first) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether what follows a variable's name is nothing or Compose's `:?message`.
fn only_required(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with('?') || rest.starts_with(":?")
}

fn not_set(name: &str, empty: bool) -> Error {
    let state = if empty { "empty" } else { "not set" };
    let problem = format!("names the variable `{name}`, which is {state}; set it in `.env`");
    Error::Settings { key: format!("{PLACE}.password_variable"), problem }
}
