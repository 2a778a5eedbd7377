//! JSON that can be told from damaged JSON: an object with a `version`, and in `digest` the digest of all the rest.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::digest::digest;

/// Why such an object can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecodeError {
    /// It is not what was written.
    Damaged(String),
    /// Its format is newer.
    TooNew(u64),
}

/// The object as it is written: indented, with a line feed at the end.
///
/// # Errors
/// When a value has no JSON form.
pub(crate) fn seal(object: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let mut value = serde_json::to_value(object)?;
    let sum = digest(value.to_string().as_bytes());
    if let Some(fields) = value.as_object_mut() {
        fields.insert("digest".to_owned(), sum.into());
    }
    let mut bytes = serde_json::to_vec_pretty(&value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Reads it back. `known` is the newest version that is known here.
///
/// # Errors
/// What is wrong with it, and for a format that is newer than this program its version.
pub(crate) fn unseal<T: DeserializeOwned>(bytes: &[u8], known: u64) -> Result<T, DecodeError> {
    let damaged = |error: serde_json::Error| DecodeError::Damaged(error.to_string());
    let mut value: Value = serde_json::from_slice(bytes).map_err(damaged)?;
    let version = value.get("version").and_then(Value::as_u64).unwrap_or(0);
    if version > known {
        return Err(DecodeError::TooNew(version));
    }
    if !bytes.ends_with(b"\n") {
        return Err(DecodeError::Damaged("it is cut short".to_owned()));
    }
    let sum = value.as_object_mut().and_then(|fields| fields.remove("digest"));
    if sum.as_ref().and_then(Value::as_str) != Some(&digest(value.to_string().as_bytes())) {
        return Err(DecodeError::Damaged("its digest does not match".to_owned()));
    }
    serde_json::from_value(value).map_err(damaged)
}
