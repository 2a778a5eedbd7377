//! `x-backstay.vault`: what the stack's vault may take.

use serde_json::Value;

use super::place::Place;
use crate::error::Result;

/// What is to be in the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct VaultRules {
    /// Bytes that it may take; `None` leaves it to the disk.
    pub max_size: Option<u64>,
    /// What becomes of images that a registry has.
    pub pulled: Pulled,
}

/// What becomes of images that a registry gives back by their digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pulled {
    /// They are kept like all others.
    #[default]
    Keep,
    /// Their digest is enough: they are pulled again where the engine has lost them.
    Reference,
}

/// Reads it from a model.
pub(super) fn vault(model: &Value) -> Result<VaultRules> {
    let place = Place::new("x-backstay.vault");
    let body = match model.get("x-backstay").and_then(|own| own.get("vault")) {
        None | Some(Value::Null) => return Ok(VaultRules::default()),
        Some(body) => place.mapping(body, &["max_size", "pulled"])?,
    };
    let max_size = match body.get("max_size") {
        None | Some(Value::Null) => None,
        Some(value) => Some(bytes(value).ok_or_else(|| {
            place.at("max_size").error("must be a number of bytes, or a text as `500mb` or `2gb`")
        })?),
    };
    let pulled = match body.get("pulled").map(|value| value.as_str()) {
        None | Some(Some("keep")) => Pulled::Keep,
        Some(Some("reference")) => Pulled::Reference,
        Some(_) => return Err(place.at("pulled").error("must be `keep` or `reference`")),
    };
    Ok(VaultRules { max_size, pulled })
}

/// A number of bytes as Compose has it: `1024`, `"300k"`, `"1.5gb"`; each unit is 1024 times the one before it.
pub(super) fn bytes(value: &Value) -> Option<u64> {
    if let Some(count) = value.as_u64() {
        return Some(count);
    }
    let text = value.as_str()?.trim().to_ascii_lowercase();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let power = match unit.trim() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 1,
        "m" | "mb" | "mib" => 2,
        "g" | "gb" | "gib" => 3,
        "t" | "tb" | "tib" => 4,
        _ => return None,
    };
    // A part of a byte is none; more than there can be is as much as there can be.
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let unit = 1_u64 << (10 * power);
    let whole: u64 = whole.parse().ok()?;
    let part = part.get(..part.len().min(6))?;
    let scale = 10_u64.pow(u32::try_from(part.len()).ok()?);
    let part: u64 = if part.is_empty() { 0 } else { part.parse().ok()? };
    let rest = u128::from(unit) * u128::from(part) / u128::from(scale);
    Some(whole.saturating_mul(unit).saturating_add(u64::try_from(rest).unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sizes_are_read_as_compose_reads_them() {
        for (value, wanted) in [
            (json!(1024), 1024),
            (json!("1024"), 1024),
            (json!("10b"), 10),
            (json!("300k"), 300 << 10),
            (json!("500MB"), 500 << 20),
            (json!("1.5gb"), 3 << 29),
            (json!("2 GiB"), 2 << 30),
            (json!("0.25t"), 1 << 38),
        ] {
            assert_eq!(bytes(&value), Some(wanted), "{value}");
        }
        for bad in [json!("gb"), json!("1.2.3g"), json!("5x"), json!(-1), json!(""), json!(true)] {
            assert_eq!(bytes(&bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_not_known_is_refused_by_name() {
        let read = |body: Value| vault(&json!({"x-backstay": {"vault": body}}));
        assert_eq!(read(json!(null)).unwrap(), VaultRules::default());
        let rules = read(json!({"max_size": "1g", "pulled": "reference"})).unwrap();
        assert_eq!(rules, VaultRules { max_size: Some(1 << 30), pulled: Pulled::Reference });
        for (body, name) in [
            (json!({"size": 1}), "x-backstay.vault.size"),
            (json!({"max_size": "much"}), "x-backstay.vault.max_size"),
            (json!({"pulled": true}), "x-backstay.vault.pulled"),
        ] {
            let error = read(body).unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
        }
    }
}
