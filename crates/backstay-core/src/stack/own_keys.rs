//! The keys right under `x-backstay`. A mistyped one would be overlooked: data that nobody saves, a hook that is not run.

use serde_json::Value;

use super::parse::entries;
use super::place::Place;
use crate::error::Result;

/// At the top of the model.
const TOP: [&str; 7] =
    ["certificate", "gateway", "hooks", "registry-mirrors", "required", "retention", "vault"];

/// At a service.
const SERVICE: [&str; 5] = ["data", "follow", "gateway", "health", "hooks"];

/// At a volume.
const VOLUME: [&str; 1] = ["data"];

/// Whether all of them are known.
///
/// # Errors
/// [`Error::Model`](crate::error::Error::Model) with the place of one that is not.
pub(crate) fn check_own_keys(model: &Value) -> Result<()> {
    check("", model, &TOP)?;
    for (key, keys) in [("services", &SERVICE[..]), ("volumes", &VOLUME[..])] {
        for (name, body) in entries(model, key) {
            check(&format!("{key}.{name}."), body, keys)?;
        }
    }
    Ok(())
}

fn check(at: &str, body: &Value, keys: &[&str]) -> Result<()> {
    let Some(own) = body.get("x-backstay").filter(|own| !own.is_null()) else { return Ok(()) };
    Place::new(format!("{at}x-backstay")).mapping(own, keys).map(drop)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_mistyped_key_is_told_with_its_place() {
        let said = |model: Value| check_own_keys(&model).map_err(|error| format!("{error:?}"));
        assert_eq!(said(json!({"x-backstay": null, "services": {"web": {}}})), Ok(()));
        let all = json!({"x-backstay": {"hooks": {}, "vault": {}}, "services": {"web": {"x-backstay": {"data": {}}}},
            "volumes": {"rows": {"x-backstay": {"data": {}}}, "w": null}});
        assert_eq!(said(all), Ok(()));
        for (model, place) in [
            (json!({"x-backstay": {"dta": {}}}), "`x-backstay.dta` is not known; the keys are"),
            (json!({"x-backstay": []}), "`x-backstay` must be a mapping"),
            (
                json!({"services": {"db": {"x-backstay": {"dump": 1}}}}),
                "`services.db.x-backstay.dump` is not known; the keys are data, follow",
            ),
            (
                json!({"volumes": {"rows": {"x-backstay": {"copy": 1}}}}),
                "`volumes.rows.x-backstay.copy` is not known; the keys are data",
            ),
        ] {
            assert!(said(model).unwrap_err().contains(place), "{place}");
        }
    }
}
