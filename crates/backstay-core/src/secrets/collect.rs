//! Where a stack's values stand: env files, variables, configs, secrets, build arguments, labels, passwords in URLs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use super::env_file::assignments;
use super::judge::{is_secret, is_secret_name, is_worth};
use crate::release::variable;
use crate::release::{ReleaseFolder, included_env_files};
use crate::stack::{Definition, Model, StackRef};
use crate::store::Store;
use crate::store::text_through;

/// How the labels of tools begin: they hold hashes and ids, and are needed to look into a problem.
const OF_TOOLS: [&str; 4] = ["com.docker.", "org.opencontainers.", "backstay.", "desktop.docker."];

/// Values of a stack.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Those that are secrets, or look like some.
    pub secrets: BTreeSet<String>,
    /// All others.
    pub others: BTreeSet<String>,
}

impl Found {
    /// Adds what `other` holds.
    pub fn merge(&mut self, other: Self) {
        self.secrets.extend(other.secrets);
        self.others.extend(other.others);
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().chain(&self.others).map(String::as_str)
    }

    fn add(&mut self, value: &str, is_secret: bool) {
        let value = value.trim();
        if is_worth(value) {
            if is_secret { &mut self.secrets } else { &mut self.others }.insert(value.to_owned());
        }
    }

    fn named(&mut self, name: &str, value: &str) {
        if value.contains("$$") {
            // Compose writes a dollar sign twice.
            self.named(name, &value.replace("$$", "$"));
        }
        self.add(value, is_secret(name, value));
        for secret in embedded(value) {
            self.add(secret, true);
        }
        if value.contains('\n') {
            self.content(value, is_secret_name(name));
        }
    }

    /// A text of several lines: all of it, each line, and what a line assigns.
    fn content(&mut self, text: &str, is_secret: bool) {
        self.add(text, is_secret);
        for line in text.lines().map(str::trim).filter(|line| !line.starts_with("-----")) {
            self.add(line, is_secret);
            self.assigned(line, is_secret);
        }
    }

    fn assigned(&mut self, line: &str, is_secret: bool) {
        for secret in embedded(line) {
            self.add(secret, true);
        }
        let Some((name, value)) = line.split_once(['=', ':']) else { return };
        let value = value.trim().trim_end_matches([',', ';']);
        let value = value.trim_matches(['"', '\'']);
        self.add(value, is_secret || self::is_secret(name.trim().trim_matches('"'), value));
    }

    /// A mapping, or a list of `NAME=value`.
    fn entries(&mut self, section: Option<&Value>) {
        match section {
            Some(Value::Object(fields)) => {
                for (name, value) in fields {
                    match value {
                        Value::String(text) => self.named(name, text),
                        Value::Number(number) => self.named(name, &number.to_string()),
                        _ => {}
                    }
                }
            }
            Some(Value::Array(items)) => {
                for (name, value) in items.iter().filter_map(|item| item.as_str()?.split_once('='))
                {
                    self.named(name, value);
                }
            }
            _ => {}
        }
    }

    /// Labels say a lot that is no secret: only what looks like one is taken.
    fn labels(&mut self, section: Option<&Value>) {
        let mut labels = Self::default();
        match section {
            Some(Value::Object(fields)) => {
                let own =
                    fields.iter().filter(|(name, _)| !OF_TOOLS.iter().any(|t| name.starts_with(t)));
                own.for_each(|(name, value)| {
                    labels.named(name, value.as_str().unwrap_or_default())
                });
            }
            other => labels.entries(other),
        }
        self.secrets.extend(labels.secrets);
    }

    /// What is a name in the model has to be shown: services, images, networks.
    fn forget(&mut self, names: &BTreeSet<String>) {
        self.others.retain(|value| !names.contains(value));
    }
}

/// The values of a stack. Without its model, only its env files say some.
#[must_use]
pub fn collect(stack: &StackRef, model: Option<&Model>, store: &dyn Store) -> Found {
    let mut found = Found::default();
    let included = included_env_files(stack, store).unwrap_or_default();
    for file in stack.interpolation_files().into_iter().chain(included) {
        if let Ok(Some(text)) = text_through(&file, store) {
            found.merge(in_env_file(&text));
        }
    }
    for (name, value) in &stack.environment {
        value.iter().for_each(|value| found.named(name, value));
    }
    let Some(model) = model else { return found };
    for service in model.services.values() {
        found.entries(service.raw.get("environment"));
        found.entries(service.raw.pointer("/build/args"));
        found.labels(service.raw.get("labels"));
        found.labels(service.raw.pointer("/build/labels"));
        found.labels(service.raw.pointer("/deploy/labels"));
        found.extensions(&service.raw);
    }
    found.extensions(&model.raw);
    for (definitions, is_secret) in [(&model.secrets, true), (&model.configs, false)] {
        for definition in definitions.values() {
            if let Some(text) = content(stack, definition, store) {
                found.content(&text, is_secret);
            }
        }
    }
    found.forget(&names(model));
    found
}

/// The values of an env file.
#[must_use]
pub fn in_env_file(text: &str) -> Found {
    let mut found = Found::default();
    for (name, value) in assignments(text) {
        found.named(&name, &value);
    }
    found
}

/// The values of a release that is kept: they may be other ones than those of today. What can't be read has none.
#[must_use]
pub fn in_release(folder: &ReleaseFolder, store: &dyn Store) -> Found {
    let stack = &folder.release.stack;
    let model = folder.model(store).ok().and_then(|text| Model::parse(&text).ok());
    let mut found = collect(stack, model.as_ref(), store);
    let env_files = stack.interpolation_files();
    for record in &folder.release.files {
        let Ok(Some(bytes)) = folder.file(record, store) else { continue };
        let text = String::from_utf8_lossy(&bytes);
        let place = stack.directory.join(&record.path);
        let is_of = |definitions: &BTreeMap<String, Definition>| {
            definitions.values().any(|d| d.file.as_ref().is_some_and(|f| Path::new(f) == place))
        };
        if env_files.contains(&place) {
            found.merge(in_env_file(&text));
        } else if model.as_ref().is_some_and(|model| is_of(&model.secrets)) {
            found.content(&text, true);
        } else if model.as_ref().is_some_and(|model| is_of(&model.configs)) {
            found.content(&text, false);
        }
    }
    found.merge(in_containers(&folder.containers(store).unwrap_or_default()));
    found
}

/// The values in containers as the engine shows them.
#[must_use]
pub fn in_containers(containers: &[Value]) -> Found {
    let mut found = Found::default();
    for container in containers {
        found.entries(container.pointer("/Config/Env"));
        found.labels(container.pointer("/Config/Labels"));
    }
    found
}

impl Found {
    /// Secrets under `x-` keys, by their names.
    fn extensions(&mut self, raw: &Value) {
        for (name, value) in raw.as_object().into_iter().flatten() {
            if name.starts_with("x-") {
                self.tree(value);
            }
        }
    }

    fn tree(&mut self, value: &Value) {
        match value {
            Value::Object(fields) => {
                for (name, field) in fields {
                    match field.as_str() {
                        Some(text) if is_secret_name(name) => self.add(text, true),
                        _ => self.tree(field),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.tree(item)),
            _ => {}
        }
    }
}

fn content(stack: &StackRef, definition: &Definition, store: &dyn Store) -> Option<String> {
    if let Some(text) = &definition.content {
        return Some(text.clone());
    }
    if let Some(name) = &definition.environment {
        return variable(stack, name, store).ok().flatten();
    }
    text_through(Path::new(definition.file.as_ref()?), store).ok().flatten()
}

/// Passwords inside of a value: of a URL, of a connection string, of a query.
fn embedded(value: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in value.match_indices("://") {
        let rest = &value[at + 3..];
        let end = rest.find(['/', '?', '#', ' ', '"', '\'']).unwrap_or(rest.len());
        if let Some((user, _)) = rest[..end].rsplit_once('@') {
            found.extend(user.split_once(':').map(|(_, password)| password));
        }
    }
    for part in value.split([';', '&', '?', ' ', ',']) {
        if let Some((name, value)) = part.split_once('=')
            && is_secret_name(name.trim())
        {
            found.push(value.trim_matches(['"', '\'']));
        }
    }
    found
}

fn names(model: &Model) -> BTreeSet<String> {
    let mut names = BTreeSet::from([model.project.clone()]);
    for service in model.services.values() {
        names.insert(service.name.clone());
        names.insert(service.image.clone());
        names.extend(service.container_name.clone());
        let repository = service.image.split(['@', ':']).next();
        names.extend(repository.map(str::to_owned));
        names.extend(service.mounts.iter().flat_map(|m| [m.source.clone(), m.target.clone()]));
    }
    names.extend(model.networks.iter().flat_map(|(key, n)| [key.clone(), n.name.clone()]));
    let keys = model.configs.keys().chain(model.secrets.keys()).chain(model.volumes.keys());
    names.extend(keys.cloned());
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::DiskStore;

    #[test]
    fn passwords_inside_of_values_are_found() {
        assert_eq!(embedded("postgres://me:p%40ss@db/x?a=1"), ["p%40ss"]);
        assert_eq!(embedded("Server=db;User=x;Password=abc;"), ["abc"]);
        assert_eq!(embedded("http://x/?token=abc&b=c"), ["abc"]);
        assert!(embedded("http://db:80/x").is_empty());
    }

    #[test]
    fn every_place_of_a_model_is_looked_at() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        std::fs::write(path("db.txt"), "secret-in-file\n").unwrap();
        std::fs::write(path(".env"), "A_PASSWORD=in-env-file\nMODE=Detailed\nNAME=manager-api\n")
            .unwrap();
        let yaml = format!(
            r#"
name: shop
services:
  manager-api:
    image: registry.test/manager-api:1
    environment: {{DB: "postgres://u:url-passwd@db/x", KIND: plainvalue}}
    build: {{context: ., args: {{PIN: build-arg-value}}}}
    labels: {{com.x.token: label-value, com.x.title: Some Title}}
    x-backstay: {{password: under-x}}
secrets:
  a: {{file: "{}"}}
configs:
  b: {{content: "mode: config-line\nplain-line-here"}}
"#,
            path("db.txt").display()
        );
        let model = Model::parse(&yaml).unwrap();
        let stack = StackRef { directory: dir.path().to_owned(), ..StackRef::default() };
        let found = collect(&stack, Some(&model), &DiskStore);
        for value in [
            "secret-in-file",
            "in-env-file",
            "url-passwd",
            "build-arg-value",
            "label-value",
            "under-x",
        ] {
            assert!(found.secrets.contains(value), "{value} in {found:?}");
        }
        for value in
            ["mode: config-line", "config-line", "plain-line-here", "plainvalue", "Detailed"]
        {
            assert!(found.others.contains(value), "{value} in {found:?}");
        }
        for value in ["Some Title", "manager-api"] {
            assert!(!found.all().any(|known| known == value), "{value} in {found:?}");
        }
    }
}
