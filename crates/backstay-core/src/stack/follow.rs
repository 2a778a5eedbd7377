//! `x-backstay.follow` of a service: which services' addresses it looks up once, and how it is brought to look again.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::place::Place;
use super::probe::command;
use crate::error::Result;

/// How a service is brought to look again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Again {
    /// A command in its container, which loses no connection.
    Command {
        /// Its words.
        command: Vec<String>,
    },
    /// A signal to its first process.
    Signal {
        /// `HUP`, `USR1`, …
        signal: String,
        /// Whether it starts new processes then, as proxies do that read their configuration again. One that does not is
        /// restarted.
        #[serde(default)]
        renews: bool,
    },
    /// Its containers are stopped and started.
    Restart,
}

/// The keys of the mapping.
const KEYS: [&str; 3] = ["services", "command", "signal"];

/// What stands there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Follow {
    /// The services; `None` means all that it depends on or is linked to.
    pub services: Option<Vec<String>>,
    /// How it looks again; `None` means a restart.
    pub again: Option<Again>,
    /// Whether it never has to: it asks each time.
    pub never: bool,
}

/// Reads it: `true`, `false`, a name, a list of names, or a mapping of `services` with `command` or `signal`.
///
/// # Errors
/// [`crate::error::Error::Model`] with the place of what is not of this form.
pub(super) fn follow(service: &str, value: Option<&Value>) -> Result<Option<Follow>> {
    let place = Place::new(format!("services.{service}.x-backstay.follow"));
    let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(None) };
    let mut follow = Follow::default();
    match value {
        Value::Bool(wanted) => follow.never = !wanted,
        Value::String(_) | Value::Array(_) => follow.services = Some(names(&place, value)?),
        body => {
            let map = place.mapping(body, &KEYS)?;
            if let Some(value) = map.get("services") {
                follow.services = Some(names(&place.at("services"), value)?);
            }
            follow.again = match (map.get("command"), map.get("signal")) {
                (Some(_), Some(_)) => return Err(place.error("has both a command and a signal")),
                (Some(value), None) => {
                    Some(Again::Command { command: command(&place.at("command"), value)? })
                }
                (None, Some(Value::String(signal))) => {
                    Some(Again::Signal { signal: signal.clone(), renews: false })
                }
                (None, Some(_)) => {
                    return Err(place.at("signal").error("must be the name of a signal"));
                }
                (None, None) => None,
            };
        }
    }
    Ok(Some(follow))
}

/// One name, or a list of them.
fn names(place: &Place, value: &Value) -> Result<Vec<String>> {
    let name = |value: &Value| value.as_str().map(str::to_owned);
    let names = match value {
        Value::Array(list) => list.iter().map(name).collect(),
        value => name(value).map(|name| vec![name]),
    };
    names.ok_or_else(|| place.error("must be the name of a service, or a list of them"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn all_forms_are_read() {
        let read = |value: Value| follow("proxy", Some(&value)).unwrap().unwrap();
        assert_eq!(read(json!(true)), Follow::default());
        assert!(read(json!(false)).never);
        assert_eq!(read(json!("app")).services, Some(vec!["app".to_owned()]));
        let full = read(json!({"services": ["a", "b"], "command": ["x", "-r"]}));
        assert_eq!(full.services.unwrap().len(), 2);
        assert_eq!(full.again, Some(Again::Command { command: vec!["x".into(), "-r".into()] }));
        let signal = read(json!({"signal": "HUP"}));
        assert_eq!(signal.again, Some(Again::Signal { signal: "HUP".into(), renews: false }));
    }

    #[test]
    fn what_is_not_of_the_form_is_named_with_its_place() {
        let wrong = |value: Value| follow("proxy", Some(&value)).unwrap_err().to_string();
        assert!(wrong(json!({"reload": "x"})).contains("services.proxy.x-backstay.follow.reload"));
        assert!(wrong(json!(3)).contains("`services.proxy.x-backstay.follow` must be"));
        assert!(wrong(json!({"command": "a", "signal": "HUP"})).contains("both"));
    }
}
