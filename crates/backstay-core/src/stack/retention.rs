//! `x-backstay.retention`: how long the stack's backups are kept.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::place::{Place, number};
use crate::error::Result;

/// How long backups are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// Remove what is older than this many days.
    pub keep_days: Option<u32>,
    /// Keep at most this many.
    pub keep_last: Option<usize>,
}

impl Default for Retention {
    fn default() -> Self {
        Self { keep_days: Some(7), keep_last: None }
    }
}

/// Reads it from a model.
pub(super) fn retention(model: &Value) -> Result<Option<Retention>> {
    let place = Place::new("x-backstay.retention");
    let body = match model.get("x-backstay").and_then(|own| own.get("retention")) {
        None | Some(Value::Null) => return Ok(None),
        Some(body) => place.mapping(body, &["keep_days", "keep_last"])?,
    };
    let read = |key: &str, least: u64| match body.get(key) {
        None => Ok(None),
        Some(value) => {
            let count = number(value).filter(|count| *count >= least);
            count.and_then(|count| u32::try_from(count).ok()).map(Some).ok_or_else(|| {
                place.at(key).error(&format!("must be a whole number, {least} or more"))
            })
        }
    };
    let keep_days = read("keep_days", 0)?;
    let keep_last = read("keep_last", 1)?.map(|last| usize::try_from(last).unwrap_or(usize::MAX));
    if keep_days.is_none() && keep_last.is_none() {
        return Err(place.error("needs keep_days, keep_last or both"));
    }
    Ok(Some(Retention { keep_days, keep_last }))
}
