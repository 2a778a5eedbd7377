//! Which files belong to a release, and their content at this moment.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use super::record::FileRecord;
use crate::digest::digest;
use crate::error::{Error, Result};
use crate::ports::{EntryKind, Store};
use crate::stack::{Model, StackRef, documents};
use crate::store::text_through;

/// Files that Compose loads by itself when they are there, so that their absence is part of a release.
const OVERRIDES: [&str; 4] = [
    "compose.override.yaml",
    "compose.override.yml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// The files of a release, with the content of those inside the stack's directory.
///
/// # Errors
/// [`Error::Io`] for a file that is there and can't be read.
pub fn collect_files(
    stack: &StackRef,
    model: &Model,
    store: &dyn Store,
) -> Result<Vec<(FileRecord, Option<Vec<u8>>)>> {
    let mut paths: BTreeSet<PathBuf> = stack.files.iter().cloned().collect();
    paths.extend(stack.interpolation_files());
    paths.extend(OVERRIDES.iter().map(|name| stack.directory.join(name)));
    paths.extend(sources(stack, store)?.into_iter().map(|source| source.path));
    for service in model.services.values() {
        paths.extend(model.config_files(service, store)?);
    }
    let mut files = BTreeMap::new();
    for path in paths {
        let (record, content) = read_file(&path, &stack.directory, store)?;
        files.insert(record.path.clone(), (record, content));
    }
    Ok(files.into_values().collect())
}

/// The stack's compose files with all that they name themselves, each once.
///
/// # Errors
/// [`Error::Io`] for a file that is there and can't be read.
pub(crate) fn sources(stack: &StackRef, store: &dyn Store) -> Result<Vec<Source>> {
    let mut found: Vec<Source> = stack
        .files
        .iter()
        .map(|file| Source { path: file.clone(), base: Some(stack.directory.clone()) })
        .collect();
    let mut next = 0;
    while let Some(Source { path, base }) = found.get(next).cloned() {
        next += 1;
        let Some(base) = base else { continue };
        let Some(text) = text_through(&path, store)? else { continue };
        for named in sources_named_in(&text, &base) {
            if found.iter().all(|known| known.path != named.path) {
                found.push(named);
            }
        }
    }
    Ok(found)
}

fn read_file(
    path: &Path,
    directory: &Path,
    store: &dyn Store,
) -> Result<(FileRecord, Option<Vec<u8>>)> {
    let mut clean = normal(path);
    let mut root = normal(directory);
    let found = store.metadata(&clean).map_err(|error| Error::io("reading", &clean, error))?;
    if found.is_some_and(|found| found.kind == EntryKind::Link) {
        // The link stays what it is; the release has the file that it leads to.
        if let (Ok(target), Ok(stack)) = (store.resolve(&clean), store.resolve(&root)) {
            (clean, root) = (target, stack);
        }
    }
    let inside = clean.strip_prefix(&root).ok().map(Path::to_owned);
    let outside = inside.is_none();
    let place = inside.unwrap_or_else(|| clean.clone());
    let mut record =
        FileRecord { path: portable(&place), stored: None, digest: None, mode: 0o644, outside };
    let found = store.metadata(&clean).map_err(|error| Error::io("reading", &clean, error))?;
    let Some(found) = found.filter(|found| found.kind == EntryKind::File) else {
        return Ok((record, None));
    };
    let content = match store.read(&clean) {
        Ok(content) => content,
        // What belongs to others need not be readable: it is named, and never restored.
        Err(_) if outside => return Ok((record, None)),
        Err(error) => return Err(Error::io("reading", &clean, error)),
    };
    record.digest = Some(digest(&content));
    record.mode = found.mode;
    if outside {
        return Ok((record, None));
    }
    Ok((record, Some(content)))
}

/// A file that a compose file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Where it is.
    pub path: PathBuf,
    /// For a compose file, the folder in which the names in it begin.
    pub base: Option<PathBuf>,
}

/// The further files that a compose file names itself: `include`, `extends.file`, `env_file`. `docker compose config` has
/// merged them already, so their names have to come from the user's own text. `base` is where they begin: the project
/// directory, for an included file its own folder. Names with variables in them are left out.
#[must_use]
pub fn sources_named_in(yaml: &str, base: &Path) -> Vec<Source> {
    let documents = documents(yaml).unwrap_or_default();
    documents.iter().flat_map(|document| named_in(document, base)).collect()
}

fn named_in(raw: &Value, base: &Path) -> Vec<Source> {
    let plain = |name: String| Source { path: base.join(name), base: None };
    let mut found = Vec::new();
    for item in list(raw.get("include")) {
        let own = item.get("project_directory").and_then(Value::as_str).map(|name| base.join(name));
        for name in texts(item).chain(texts(item.get("path").unwrap_or(&Value::Null))) {
            let path = base.join(name);
            let folder = own.clone().or_else(|| path.parent().map(Path::to_owned));
            found.push(Source { path, base: folder });
        }
        found.extend(texts(item.get("env_file").unwrap_or(&Value::Null)).map(plain));
    }
    let services = raw
        .get("services")
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(|services| services.values());
    for service in services {
        let extends =
            service.get("extends").and_then(|extends| extends.get("file")).and_then(Value::as_str);
        if let Some(path) = extends.map(|name| base.join(name)) {
            let folder = path.parent().map(Path::to_owned);
            found.push(Source { path, base: folder });
        }
        for item in list(service.get("env_file")) {
            let name = item.as_str().or_else(|| item.get("path").and_then(Value::as_str));
            found.extend(name.map(|name| plain(name.to_owned())));
        }
    }
    found.retain(|source| !source.path.to_string_lossy().contains('$'));
    found
}

fn list(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(Value::Null) | None => Vec::new(),
        Some(one) => vec![one],
    }
}

fn texts(value: &Value) -> impl Iterator<Item = String> {
    list(Some(value))
        .into_iter()
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect::<Vec<_>>()
        .into_iter()
}

/// The path without `.` and `..`, by its text alone.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

/// The path with `/` between its parts.
fn portable(path: &Path) -> String {
    if path.is_absolute() {
        return path.to_string_lossy().into_owned();
    }
    path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}
