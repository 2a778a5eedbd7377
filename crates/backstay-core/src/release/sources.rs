//! The files that compose files name themselves: `include`, `extends.file`, `env_file`. `docker compose config` has merged
//! them already, so their names have to come from the user's own text.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::Result;
use crate::stack::{Dollars, StackRef, documents, env_value, filled};
use crate::store::Store;
use crate::store::text_through;

/// A file that a compose file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Where it is.
    pub path: PathBuf,
    /// For a compose file, the folder in which the names in it begin.
    pub base: Option<PathBuf>,
    /// For a compose file, the env files that it is read with beside those of the stack, those that count more first. They
    /// need not be there.
    pub env_files: Vec<PathBuf>,
}

/// The stack's compose files with all that they name themselves, each once.
///
/// # Errors
/// [`crate::Error::Io`] for a file that is there and can't be read.
pub(crate) fn sources(stack: &StackRef, store: &dyn Store) -> Result<Vec<SourceFile>> {
    let mut found: Vec<SourceFile> = stack
        .files
        .iter()
        .map(|file| SourceFile {
            path: file.clone(),
            base: Some(stack.directory.clone()),
            env_files: Vec::new(),
        })
        .collect();
    let mut next = 0;
    while let Some(SourceFile { path, base, env_files }) = found.get(next).cloned() {
        next += 1;
        let Some(base) = base else { continue };
        let Some(text) = text_through(&path, store)? else { continue };
        let value = |name: &str| of_stack(stack, &env_files, name, store).ok().flatten();
        for mut named in named_with(&text, &base, &value) {
            if named.base.is_some() {
                // What is outside of an included file counts more than what is its own.
                let own = std::mem::take(&mut named.env_files);
                named.env_files.clone_from(&env_files);
                named.env_files.extend(own);
            }
            if found.iter().all(|known| known.path != named.path) {
                found.push(named);
            }
        }
    }
    Ok(found)
}

/// The env files of included files.
///
/// # Errors
/// [`crate::Error::Io`].
pub(crate) fn included_env_files(stack: &StackRef, store: &dyn Store) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for file in sources(stack, store)?.into_iter().flat_map(|source| source.env_files) {
        if !found.contains(&file) {
            found.push(file);
        }
    }
    Ok(found)
}

/// The value of a variable in a compose file that is read with these env files of its own.
///
/// # Errors
/// [`crate::Error::Io`].
pub(crate) fn of_stack(
    stack: &StackRef,
    env_files: &[PathBuf],
    name: &str,
    store: &dyn Store,
) -> Result<Option<String>> {
    if let Some(value) = stack.environment.get(name) {
        return Ok(value.clone());
    }
    if let Some(value) = stack.caller.variable(name) {
        return Ok(Some(value));
    }
    let mut files = stack.interpolation_files();
    files.reverse();
    files.extend(env_files.iter().cloned());
    in_env_files(&files, name, store)
}

/// The value of a variable in the first of these env files that has it.
///
/// # Errors
/// [`crate::Error::Io`].
pub(crate) fn in_env_files(
    files: &[PathBuf],
    name: &str,
    store: &dyn Store,
) -> Result<Option<String>> {
    for file in files {
        if let Some(value) = text_through(file, store)?.and_then(|text| env_value(&text, name)) {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

/// The further files that a compose file names itself: `include`, `extends.file`, `env_file`. `base` is where they begin:
/// the project directory, for an included file its own folder. Names with variables in them are left out.
#[must_use]
pub fn sources_named_in(yaml: &str, base: &Path) -> Vec<SourceFile> {
    named_with(yaml, base, &|_| None)
}

fn named_with(yaml: &str, base: &Path, value: &dyn Fn(&str) -> Option<String>) -> Vec<SourceFile> {
    let documents = documents(yaml).unwrap_or_default();
    documents.iter().flat_map(|document| named_in(document, base, value)).collect()
}

fn named_in(raw: &Value, base: &Path, value: &dyn Fn(&str) -> Option<String>) -> Vec<SourceFile> {
    let place = |name: &str| filled(name, Dollars::Escaped, value).map(|name| base.join(name));
    let plain = |path: PathBuf| SourceFile { path, base: None, env_files: Vec::new() };
    let places = |value: Option<&Value>| -> Vec<PathBuf> {
        list(value).into_iter().filter_map(Value::as_str).filter_map(place).collect()
    };
    let mut found = Vec::new();
    for item in list(raw.get("include")) {
        let paths = if item.is_string() { places(Some(item)) } else { places(item.get("path")) };
        let own = item.get("project_directory").and_then(Value::as_str).and_then(place);
        // The first file says where names begin; further ones are merged into it.
        let folder =
            own.or_else(|| paths.first().and_then(|path| path.parent()).map(Path::to_owned));
        let named = places(item.get("env_file"));
        let env_files = match &folder {
            // As with `--env-file`, what comes later counts more.
            Some(_) if !named.is_empty() => named.iter().rev().cloned().collect(),
            Some(folder) => vec![folder.join(".env")],
            None => Vec::new(),
        };
        for path in paths {
            let env_files = env_files.clone();
            found.push(SourceFile { path, base: folder.clone(), env_files });
        }
        found.extend(named.into_iter().map(plain));
    }
    let services = raw
        .get("services")
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(|services| services.values());
    for service in services {
        let extends =
            service.get("extends").and_then(|extends| extends.get("file")).and_then(Value::as_str);
        if let Some(path) = extends.and_then(place) {
            let folder = path.parent().map(Path::to_owned);
            found.push(SourceFile { path, base: folder, env_files: Vec::new() });
        }
        for item in list(service.get("env_file")) {
            let name = item.as_str().or_else(|| item.get("path").and_then(Value::as_str));
            found.extend(name.and_then(place).map(plain));
        }
    }
    found
}

fn list(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(Value::Null) | None => Vec::new(),
        Some(one) => vec![one],
    }
}
