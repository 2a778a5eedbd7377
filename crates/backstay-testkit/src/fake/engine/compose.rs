//! What `docker compose config` says of the files that are on the disk.

use std::collections::BTreeMap;
use std::path::Path;

use backstay_core::digest::digest;
use backstay_core::engine::{EngineError, EngineErrorKind, EngineResult};
use backstay_core::stack::{Model, StackRef};
use serde_json::{Map, Value};

use super::interpolate::{interpolate, variables};
use super::normal::normalise;
use crate::fake::disk::Disk;
use crate::fake::memo::Memo;

const ACTION: &str = "reading the model";

/// The keys of a service that are not part of Compose's hash.
const NOT_HASHED: [&str; 5] = ["build", "depends_on", "profiles", "pull_policy", "scale"];

thread_local! {
    static PARSED: Memo<String, Result<Value, String>> = Memo::default();
}

fn parse(yaml: &str) -> Result<Value, String> {
    // A list takes the place of another one here in any case.
    serde_saphyr::from_str(&yaml.replace("!override", "")).map_err(|error| error.to_string())
}

/// The resolved model with the services of all profiles.
pub(in crate::fake) fn resolve_all(disk: &Disk, stack: &StackRef) -> EngineResult<Value> {
    let values = environment(disk, stack);
    let mut merged = Value::Object(Map::new());
    for file in &stack.files {
        let text = disk.text(file).ok_or_else(|| missing(file))?;
        let text = interpolate(&text, &values).map_err(|message| invalid(&message))?;
        let part = PARSED.with(|memo| memo.answer(text, |text| parse(text)));
        let part = part.map_err(|message| invalid(&message))?;
        merge(&mut merged, part);
    }
    normalise(merged, stack, &|path| disk.text(path)).map_err(|problem| match problem {
        super::normal::Problem::Missing(path) => missing(&path),
        super::normal::Problem::Invalid(message) => invalid(&message),
    })
}

/// The resolved model with the services of the active profiles.
pub(in crate::fake) fn resolve(disk: &Disk, stack: &StackRef) -> EngineResult<Value> {
    let mut model = resolve_all(disk, stack)?;
    if let Some(services) = model.get_mut("services").and_then(Value::as_object_mut) {
        services.retain(|_, body| {
            let Some(profiles) = body.get("profiles").and_then(Value::as_array) else {
                return true;
            };
            profiles.iter().filter_map(Value::as_str).any(|p| stack.profiles.iter().any(|q| p == q))
        });
    }
    Ok(model)
}

/// The model as core reads it.
pub(in crate::fake) fn model(disk: &Disk, stack: &StackRef) -> EngineResult<Model> {
    Model::from_value(resolve(disk, stack)?).map_err(|error| invalid(&error.to_string()))
}

/// Compose's own hash of a service.
pub(in crate::fake) fn hash(body: &Value) -> String {
    let mut body = body.as_object().cloned().unwrap_or_default();
    body.retain(|key, _| !NOT_HASHED.contains(&key.as_str()) && !key.starts_with("x-"));
    if let Some(deploy) = body.get_mut("deploy").and_then(Value::as_object_mut) {
        deploy.remove("replicas");
    }
    let sum = digest(Value::Object(body).to_string().as_bytes());
    sum.trim_start_matches("sha256:").to_owned()
}

fn environment(disk: &Disk, stack: &StackRef) -> BTreeMap<String, String> {
    let files = stack.interpolation_files();
    let texts = files.iter().filter_map(|path| disk.text(path));
    let mut values: BTreeMap<String, String> = texts.flat_map(|text| variables(&text)).collect();
    for (name, value) in &stack.environment {
        match value {
            Some(value) => values.insert(name.clone(), value.clone()),
            // It was not set in the caller's environment, so the file's value holds.
            None => None,
        };
    }
    values
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

fn missing(path: &Path) -> EngineError {
    let message = format!("open {}: no such file or directory", path.display());
    EngineError::new(EngineErrorKind::FileMissing, ACTION, message)
}

fn invalid(message: &str) -> EngineError {
    EngineError::new(EngineErrorKind::InvalidStack, ACTION, message)
}
