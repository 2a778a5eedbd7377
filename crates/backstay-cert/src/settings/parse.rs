//! Reads the settings.

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::fields::{days, fail, flag, full, names, text};
use super::password::{DEFAULT_PASSWORD_VARIABLE, PasswordSource, is_variable};
use super::{PLACE, Settings};
use crate::{Error, Request, Result};

const KEYS: [&str; 9] = [
    "path",
    "password",
    "password_variable",
    "names",
    "common_name",
    "organization",
    "valid_days",
    "legacy",
    "pem",
];

pub(super) fn settings(value: &Value) -> Result<Settings> {
    let Value::Object(fields) = value else {
        let problem = "must be a mapping, at least with `path: ./cert/name.pfx`".to_owned();
        return Err(Error::Settings { key: PLACE.to_owned(), problem });
    };
    if let Some(key) = fields.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return fail(
            &crate::text::shown(key),
            format!("is not known; the keys are {}", KEYS.join(", ")),
        );
    }
    let read = Settings {
        path: path(fields)?,
        password: password(fields)?,
        request: request(fields)?,
        legacy: flag(fields, "legacy")?.unwrap_or(false),
        pem: flag(fields, "pem")?.unwrap_or(true),
    };
    read.request.validate().map_err(|error| match error {
        Error::Request { field, problem } => {
            Error::Settings { key: full(field), problem: format!("is not valid: {problem}") }
        }
        Error::Name { name, problem } => Error::Settings {
            key: full("names"),
            problem: format!("has `{name}`, which is not valid: {problem}"),
        },
        other => other,
    })?;
    Ok(read)
}

fn path(fields: &Map<String, Value>) -> Result<String> {
    let Some(path) = text(fields, "path")? else {
        return fail("path", "is missing; give the PFX file, as `./cert/shop.pfx`");
    };
    let name = path.to_ascii_lowercase();
    let good = |ending: &str| {
        name.strip_suffix(ending)
            .is_some_and(|stem| !stem.is_empty() && !stem.ends_with(['/', '\\']))
    };
    if [".pfx", ".p12"].into_iter().any(good) {
        Ok(path)
    } else {
        fail("path", "must end in `.pfx` or `.p12`")
    }
}

fn password(fields: &Map<String, Value>) -> Result<PasswordSource> {
    let variable = text(fields, "password_variable")?;
    match (text(fields, "password")?.map(Zeroizing::new), variable) {
        (Some(_), Some(_)) => {
            fail("password", "can't stand beside `password_variable`; keep one of them")
        }
        (Some(given), None) => Ok(PasswordSource::parse(given)),
        (None, Some(name)) if !is_variable(&name) => fail(
            "password_variable",
            "must be the name of a variable, without `$`, as `CERT_PASSWORD`",
        ),
        (None, Some(name)) => Ok(PasswordSource::Variable(name)),
        (None, None) => Ok(PasswordSource::Variable(DEFAULT_PASSWORD_VARIABLE.to_owned())),
    }
}

fn request(fields: &Map<String, Value>) -> Result<Request> {
    let default = Request::default();
    Ok(Request {
        names: names(fields)?.unwrap_or(default.names),
        common_name: text(fields, "common_name")?,
        organization: text(fields, "organization")?,
        valid_days: days(fields)?.unwrap_or(default.valid_days),
    })
}
