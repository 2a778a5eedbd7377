//! Where a value stands that is Backstay's own, so that an error can say it.

use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// Where a value of `x-backstay` stands.
pub(super) struct Place(String);

impl Place {
    pub(super) fn new(place: impl Into<String>) -> Self {
        Self(place.into())
    }

    pub(super) fn error(&self, problem: &str) -> Error {
        Error::Model(format!("`{}` {problem}", self.0))
    }

    pub(super) fn at(&self, key: &str) -> Self {
        Self(format!("{}.{key}", self.0))
    }

    pub(super) fn item(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }

    pub(super) fn mapping<'a>(
        &self,
        value: &'a Value,
        keys: &[&str],
    ) -> Result<&'a Map<String, Value>> {
        let Some(map) = value.as_object() else { return Err(self.error("must be a mapping")) };
        match map.keys().find(|key| !keys.contains(&key.as_str())) {
            Some(key) => {
                Err(self.at(key).error(&format!("is not known; the keys are {}", keys.join(", "))))
            }
            None => Ok(map),
        }
    }
}

/// A whole number, also as text: Compose makes texts of what comes from a variable.
pub(super) fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str().and_then(|text| text.parse().ok()))
}
