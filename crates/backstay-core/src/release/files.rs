//! Which files belong to a release, and their content at this moment.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use super::record::FileRecord;
use crate::digest::digest;
use crate::error::{Error, Result};
use crate::ports::{EntryKind, Store};
use crate::stack::{Model, StackRef};

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
    for file in &stack.files {
        if let Ok(bytes) = store.read(file) {
            let folder = file.parent().unwrap_or(&stack.directory);
            paths.extend(sources_named_in(
                &String::from_utf8_lossy(&bytes),
                folder,
                &stack.directory,
            ));
        }
    }
    for service in model.services.values() {
        paths.extend(model.config_files(service, store));
    }
    let mut files = BTreeMap::new();
    for path in paths {
        let (record, content) = read_file(&path, &stack.directory, store)?;
        files.insert(record.path.clone(), (record, content));
    }
    Ok(files.into_values().collect())
}

fn read_file(
    path: &Path,
    directory: &Path,
    store: &dyn Store,
) -> Result<(FileRecord, Option<Vec<u8>>)> {
    let clean = normal(path);
    let inside = clean.strip_prefix(normal(directory)).ok().map(Path::to_owned);
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

/// The further files that a compose file names itself: `include`, `extends.file`, `env_file`. `docker compose config` has
/// merged them already, so their names have to come from the user's own text. Names with variables in them are left out.
#[must_use]
pub fn sources_named_in(yaml: &str, folder: &Path, directory: &Path) -> Vec<PathBuf> {
    let Ok(raw) = serde_saphyr::from_str::<Value>(yaml) else { return Vec::new() };
    let mut names: Vec<(&Path, String)> = Vec::new();
    for item in list(raw.get("include")) {
        names.extend(texts(item).map(|name| (folder, name)));
        names.extend(texts(item.get("path").unwrap_or(&Value::Null)).map(|name| (folder, name)));
        names
            .extend(texts(item.get("env_file").unwrap_or(&Value::Null)).map(|name| (folder, name)));
    }
    for service in raw
        .get("services")
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(|services| services.values())
    {
        let extends =
            service.get("extends").and_then(|extends| extends.get("file")).and_then(Value::as_str);
        names.extend(extends.map(|name| (folder, name.to_owned())));
        for item in list(service.get("env_file")) {
            let name = item.as_str().or_else(|| item.get("path").and_then(Value::as_str));
            names.extend(name.map(|name| (directory, name.to_owned())));
        }
    }
    names
        .into_iter()
        .filter(|(_, name)| !name.contains('$'))
        .map(|(base, name)| base.join(name))
        .collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_named_in_the_text_are_found() {
        let yaml = "include:\n  - a.yml\n  - path: [b.yml]\n    env_file: b.env\nservices:\n  x:\n    extends: {file: c.yml, service: y}\n    env_file: [d.env, {path: e.env, required: false}, '${F}.env']\n  z:\n    env_file: g.env\n";
        let found = sources_named_in(yaml, Path::new("/s/sub"), Path::new("/s"));
        let names: Vec<String> =
            found.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        assert_eq!(
            names,
            [
                "/s/sub/a.yml",
                "/s/sub/b.yml",
                "/s/sub/b.env",
                "/s/sub/c.yml",
                "/s/d.env",
                "/s/e.env",
                "/s/g.env"
            ]
        );
    }
}
