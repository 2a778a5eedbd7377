//! The values of the variables that a stack refers to.

use super::sources::{in_env_files, included_env_files, sources};
use crate::error::Result;
use crate::stack::{Model, StackRef, env_value, referenced_variables};
use crate::store::{Store, text_through};

/// The flags of a stack with the values of the variables that its files refer to, so that a restore sees the same.
pub(crate) fn with_environment(
    stack: &StackRef,
    model: &Model,
    store: &dyn Store,
) -> Result<StackRef> {
    let mut stack = stack.clone();
    if stack.environment.is_empty() {
        let defined = model.configs.values().chain(model.secrets.values());
        for name in defined.filter_map(|defined| defined.environment.as_ref()) {
            stack.environment.insert(name.clone(), stack.caller.variable(name));
        }
        // Those that are included, too.
        let files = sources(&stack, store)?.into_iter().filter(|source| source.base.is_some());
        for file in files.map(|source| source.path) {
            let Some(text) = text_through(&file, store)? else { continue };
            for name in referenced_variables(&text) {
                let value = stack.caller.variable(&name);
                stack.environment.insert(name, value);
            }
        }
    }
    Ok(stack)
}

/// The value of a variable for configs and secrets that come from one: the environment's, then the env files', then those
/// of included files.
pub(crate) fn variable(stack: &StackRef, name: &str, store: &dyn Store) -> Result<Option<String>> {
    match variable_with(stack, name, store, None)? {
        Some(value) => Ok(Some(value)),
        None if stack.environment.contains_key(name) => Ok(None),
        None => in_env_files(&included_env_files(stack, store)?, name, store),
    }
}

/// The same with another text in the place of `.env`.
pub(crate) fn variable_with(
    stack: &StackRef,
    name: &str,
    store: &dyn Store,
    dot_env: Option<&str>,
) -> Result<Option<String>> {
    if let Some(value) = stack.environment.get(name) {
        return Ok(value.clone());
    }
    if let Some(value) = stack.caller.variable(name) {
        return Ok(Some(value));
    }
    for file in stack.interpolation_files().iter().rev() {
        let text = match dot_env {
            Some(text) if *file == stack.dot_env() => Some(text.to_owned()),
            _ => text_through(file, store)?,
        };
        if let Some(value) = text.and_then(|text| env_value(&text, name)) {
            return Ok(Some(value));
        }
    }
    Ok(None)
}
