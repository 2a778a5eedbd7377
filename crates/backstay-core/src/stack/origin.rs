//! How a stack is addressed: its directory, files and flags, as `docker compose` understands them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::caller::Caller;
use super::reference::{is_name, next_reference, split_name};

/// The directory, files and flags that name a stack. It is recorded in each release and used again when
/// that release is restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct StackRef {
    /// The project directory: relative paths in the model start here, and `.backup/` lives here.
    pub directory: PathBuf,
    /// The compose files, absolute, in the order in which they are merged. Never empty.
    pub files: Vec<PathBuf>,
    /// `--project-directory`, where it was given.
    #[serde(default)]
    pub project_directory: Option<PathBuf>,
    /// `-p` or `COMPOSE_PROJECT_NAME`, where one was given.
    #[serde(default)]
    pub project_name: Option<String>,
    /// `--profile`, once each.
    #[serde(default)]
    pub profiles: Vec<String>,
    /// `--env-file`, absolute; empty means `.env` in the project directory.
    #[serde(default)]
    pub env_files: Vec<PathBuf>,
    /// Variables of the caller's environment that the files refer to: with a value where they were set, `None` where
    /// they were not. Empty for a run that uses the caller's environment as it is.
    #[serde(default)]
    pub environment: BTreeMap<String, Option<String>>,
    /// Whoever calls. It is not recorded.
    #[serde(skip)]
    pub caller: Caller,
}

impl StackRef {
    /// `.env` in the project directory.
    #[must_use]
    pub fn dot_env(&self) -> PathBuf {
        self.directory.join(".env")
    }

    /// The env files that Compose reads for interpolation, whether they exist or not.
    #[must_use]
    pub fn interpolation_files(&self) -> Vec<PathBuf> {
        if self.env_files.is_empty() { vec![self.dot_env()] } else { self.env_files.clone() }
    }
}

/// The names of the variables that a compose file's text refers to: `$NAME`, `${NAME}`, `${NAME:-x}`, `${NAME:?x}`.
/// `$$` is an escaped dollar sign.
#[must_use]
pub fn referenced_variables(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut rest = text;
    while let Some(reference) = next_reference(rest) {
        let (name, tail) = split_name(reference.strip_prefix('{').unwrap_or(reference));
        if is_name(name) {
            names.insert(name.to_owned());
        }
        rest = tail;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_found_and_escapes_are_not() {
        let found = referenced_variables("image: x:${TAG:-1}\na: $A${B} $$C ${D:?must ${E}} $1");
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["A", "B", "D", "E", "TAG"]);
    }
}
