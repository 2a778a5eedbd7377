//! Reads one field of the settings. An error never shows what stands there: it may be a password.

use serde_json::{Map, Value};

use super::PLACE;
use crate::{Error, Result};

pub(super) fn names(fields: &Map<String, Value>) -> Result<Option<Vec<String>>> {
    let wrong = || fail("names", "must be a list of DNS names and IP addresses");
    match fields.get("names") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(names)) => {
            Ok(Some(names.split(',').map(|name| name.trim().to_owned()).collect()))
        }
        Some(Value::Array(names)) => {
            let names: Option<_> =
                names.iter().map(|name| name.as_str().map(|name| name.trim().to_owned())).collect();
            names.map_or_else(wrong, |names| Ok(Some(names)))
        }
        Some(_) => wrong(),
    }
}

pub(super) fn days(fields: &Map<String, Value>) -> Result<Option<u32>> {
    let days = match fields.get("valid_days") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(days)) => days.trim().parse().ok(),
        Some(other) => other.as_u64().and_then(|days| u32::try_from(days).ok()),
    };
    days.map_or_else(
        || fail("valid_days", format!("must be a whole number of days, 1 to {}", crate::MAX_DAYS)),
        |days| Ok(Some(days)),
    )
}

pub(super) fn flag(fields: &Map<String, Value>, key: &str) -> Result<Option<bool>> {
    match fields.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(Value::String(flag)) if flag == "true" => Ok(Some(true)),
        Some(Value::String(flag)) if flag == "false" => Ok(Some(false)),
        Some(_) => fail(key, "must be `true` or `false`"),
    }
}

/// A text that is not empty.
pub(super) fn text(fields: &Map<String, Value>, key: &str) -> Result<Option<String>> {
    match fields.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => {
            fail(key, "is empty; give a value, or check that the variable in it is set")
        }
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => fail(key, "must be text; put it in quotes"),
    }
}

pub(super) fn full(key: &str) -> String {
    format!("{PLACE}.{key}")
}

pub(super) fn fail<T>(key: &str, problem: impl Into<String>) -> Result<T> {
    Err(Error::Settings { key: full(key), problem: problem.into() })
}
