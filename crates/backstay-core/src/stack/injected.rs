//! Configs and secrets that no file of the host stands behind: their content is put into each container before it starts.

use serde_json::Value;

use super::hook::unescape;
use super::model::{Definition, Model};
use super::place::number;
use super::service::Service;

/// A config or secret of a service whose content is written in the model or comes from a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Injected {
    /// `configs` or `secrets`.
    pub kind: &'static str,
    /// Its name there.
    pub name: String,
    /// Where it is in the container.
    pub target: String,
    /// Its permission bits.
    pub mode: u32,
    /// Where its content comes from.
    pub origin: ContentOrigin,
}

/// Where the content of an injected file comes from.
#[derive(Clone, PartialEq, Eq)]
pub enum ContentOrigin {
    /// It is written in the model.
    Text(String),
    /// It is the value of this variable.
    Variable(String),
}

impl std::fmt::Debug for ContentOrigin {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(_) => out.write_str("Text(…)"),
            Self::Variable(name) => write!(out, "Variable({name})"),
        }
    }
}

impl Model {
    /// The files that are put into each container of a service.
    #[must_use]
    pub fn injected(&self, service: &Service) -> Vec<Injected> {
        let mut all = Vec::new();
        for (kind, defined) in [("secrets", &self.secrets), ("configs", &self.configs)] {
            let uses = service.raw.get(kind).and_then(Value::as_array).into_iter().flatten();
            for used in uses {
                let text = |key: &str| used.get(key).and_then(Value::as_str).unwrap_or_default();
                let name = used.as_str().unwrap_or_else(|| text("source"));
                let Some(origin) = defined.get(name).and_then(ContentOrigin::of) else { continue };
                let target = target(kind, name, text("target"));
                let mode = used.get("mode").and_then(mode).unwrap_or(0o444);
                all.push(Injected { kind, name: name.to_owned(), target, mode, origin });
            }
        }
        all
    }
}

impl ContentOrigin {
    fn of(definition: &Definition) -> Option<Self> {
        match (&definition.content, &definition.environment) {
            // An empty one is no file.
            (Some(text), _) if !text.is_empty() => Some(Self::Text(unescape(text))),
            (_, Some(name)) => Some(Self::Variable(name.clone())),
            _ => None,
        }
    }
}

fn target(kind: &str, name: &str, given: &str) -> String {
    match (kind, given) {
        ("secrets", "") => format!("/run/secrets/{name}"),
        ("secrets", given) if !given.starts_with('/') => format!("/run/secrets/{given}"),
        (_, "") => format!("/{name}"),
        (_, given) => format!("/{}", given.trim_start_matches('/')),
    }
}

/// Newer versions of Compose print permission bits as octal text, older ones as a number.
fn mode(value: &Value) -> Option<u32> {
    match value {
        Value::String(text) => u32::from_str_radix(text, 8).ok(),
        value => number(value).and_then(|mode| u32::try_from(mode).ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn injected_files_have_their_places() {
        let model = Model::parse(
            r#"
name: shop
services:
  a:
    image: x
    configs: [{source: c}, {source: e, target: /etc/e, mode: "0440"}, {source: empty}, {source: f}]
    secrets: [{source: s, target: /run/secrets/s}, {source: t, target: sub, mode: 256}, {source: s}]
configs: {c: {content: "a=$$b\n"}, e: {environment: E}, empty: {}, f: {file: /f}}
secrets: {s: {environment: S}, t: {environment: T}}
"#,
        )
        .unwrap();
        let found = model.injected(&model.services["a"]);
        let places: Vec<(&str, u32)> = found.iter().map(|f| (f.target.as_str(), f.mode)).collect();
        assert_eq!(
            places,
            [
                ("/run/secrets/s", 0o444),
                ("/run/secrets/sub", 0o400),
                ("/run/secrets/s", 0o444),
                ("/c", 0o444),
                ("/etc/e", 0o440),
            ]
        );
        assert_eq!(found[3].origin, ContentOrigin::Text("a=$b\n".to_owned()));
        assert_eq!(found[4].origin, ContentOrigin::Variable("E".to_owned()));
    }
}
