//! Commands of a service's life: `pre_start`, `post_start` and `pre_stop`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What happens around the start and the end of a service's containers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Hooks {
    /// Each in a container of its own, before the first container of the service starts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pre_start: Vec<Hook>,
    /// In each container, once it has been started.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub post_start: Vec<Hook>,
    /// In each container that runs, before it is stopped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pre_stop: Vec<Hook>,
}

/// One of them.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Hook {
    /// Program and arguments.
    pub command: Vec<String>,
    /// The user that it runs as; that of the container where it is not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Whether it has every right.
    #[serde(default)]
    pub privileged: bool,
    /// The folder in which it starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_dir: Option<String>,
    /// `NAME=value`, or a name alone for a variable that is to be unset.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environment: Vec<String>,
    /// For `pre_start`, the image; that of the service where it is not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
}

impl Hooks {
    /// Those of a service, from what `docker compose config` prints of it.
    #[must_use]
    pub fn of(service: &Value) -> Self {
        let read = |key: &str| {
            let list = service.get(key).and_then(Value::as_array).into_iter().flatten();
            list.map(Hook::from_value).collect()
        };
        Self {
            pre_start: read("pre_start"),
            post_start: read("post_start"),
            pre_stop: read("pre_stop"),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.pre_start.is_empty() && self.post_start.is_empty() && self.pre_stop.is_empty()
    }
}

impl Hook {
    /// The same with these variables beside its own.
    pub(crate) fn with(&self, variables: &[String]) -> Self {
        let environment = self.environment.iter().chain(variables).cloned().collect();
        Self { environment, ..self.clone() }
    }

    fn from_value(raw: &Value) -> Self {
        let text = |key: &str| raw.get(key).and_then(Value::as_str).map(unescape);
        let command = match raw.get("command") {
            Some(Value::String(text)) => text.split_whitespace().map(unescape).collect(),
            Some(Value::Array(words)) => words.iter().map(word).collect(),
            _ => Vec::new(),
        };
        Self {
            command,
            user: text("user").filter(|user| !user.is_empty()),
            privileged: raw.get("privileged").is_some_and(|flag| word(flag) == "true"),
            working_dir: text("working_dir").filter(|folder| !folder.is_empty()),
            environment: environment(raw.get("environment")),
            image: text("image").filter(|image| !image.is_empty()),
        }
    }
}

/// Without the values of variables, which may be secrets.
impl std::fmt::Debug for Hook {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Hook").field("command", &self.command).finish_non_exhaustive()
    }
}

/// `environment`, a mapping or a list.
pub(super) fn environment(value: Option<&Value>) -> Vec<String> {
    let variable = |(name, value): (&String, &Value)| match value {
        Value::Null => name.clone(),
        value => format!("{name}={}", word(value)),
    };
    match value {
        Some(Value::Object(all)) => all.iter().map(variable).collect(),
        Some(Value::Array(all)) => all.iter().map(word).collect(),
        _ => Vec::new(),
    }
}

fn word(value: &Value) -> String {
    match value {
        Value::String(text) => unescape(text),
        other => other.to_string(),
    }
}

/// A text of the model as it is meant: `docker compose config` writes each `$` twice, so that it can be read again.
pub(super) fn unescape(text: &str) -> String {
    text.replace("$$", "$")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn hooks_are_read_as_compose_prints_them() {
        let service = json!({
            "post_start": [{"command": ["sh", "-c", "echo $$HOME"], "user": "root",
                "working_dir": "/srv", "privileged": true, "environment": {"A": "1$$", "B": null, "C": 2}}],
            "pre_stop": [{"command": ["true"]}]});
        let hooks = Hooks::of(&service);
        let hook = &hooks.post_start[0];
        assert_eq!(hook.command, ["sh", "-c", "echo $HOME"]);
        assert_eq!(hook.environment, ["A=1$", "B", "C=2"]);
        assert!(hook.privileged && hook.user.as_deref() == Some("root"));
        assert_eq!(hooks.pre_stop[0].command, ["true"]);
        let again: Hooks = serde_json::from_value(serde_json::to_value(&hooks).unwrap()).unwrap();
        assert_eq!(again, hooks);
        assert!(Hooks::of(&json!({"image": "x"})).is_empty());
    }
}
