//! Taking every value of the stack out of what goes into the archive.

use std::path::Path;

use backstay_core::layout::Layout;
use backstay_core::ports::Store;
use backstay_core::release::{Catalog, EntryState};
use backstay_core::secrets::{
    Found, REDACTED, Redactor, collect, in_containers, in_env_file, in_release, is_secret_name,
    scrub,
};
use backstay_core::store::DiskStore;
use serde_json::Value;

use crate::doctor::About;

/// Sections whose values are all taken out.
const SECTIONS: [&str; 3] = ["environment", "Env", "args"];

/// Takes values out of texts.
pub(super) struct Redaction(Redactor);

impl Redaction {
    /// Knows all values: those of today, those of each release that is kept, those of the containers.
    pub(super) fn new(about: &About, containers: &[Value]) -> Self {
        let store = DiskStore;
        let mut found = in_containers(containers);
        if let Some(stack) = &about.stack {
            found.merge(collect(stack, about.model.as_ref(), &store));
        }
        if let Some(layout) = &about.layout {
            found.merge(kept(layout, &store));
        }
        // A proxy's password is no value of the stack.
        for name in ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy"] {
            if let Ok(value) = std::env::var(name) {
                found.merge(in_env_file(&format!("{name}={value}")));
            }
        }
        Self(Redactor::new(found.all()))
    }

    /// A text without them, and without whatever else is written like a secret.
    pub(super) fn text(&self, text: &str) -> String {
        scrub(&self.0.text(text))
    }

    /// The same for JSON; in the sections that hold values, all of them go, known or not.
    pub(super) fn value(&self, mut value: Value) -> Value {
        sections(&mut value);
        self.0.value(&mut value);
        strings(&mut value);
        value
    }
}

/// The values of all that is kept.
fn kept(layout: &Layout, store: &DiskStore) -> Found {
    let mut found = Found::default();
    let Ok((catalog, _)) = Catalog::look(layout, store) else {
        // Damage must not let an old value through.
        for name in store.list(layout.root()).unwrap_or_default() {
            found.merge(plain(&layout.backup(&name), store));
        }
        return found;
    };
    if let Some(folder) = &catalog.current {
        found.merge(in_release(folder, store));
    }
    found.merge(plain(&layout.current(), store));
    for entry in &catalog.entries {
        if let EntryState::Release(folder) = &entry.state {
            found.merge(in_release(folder, store));
        }
        found.merge(plain(&layout.backup(&entry.folder), store));
    }
    found
}

/// The values in the files that every backup has.
fn plain(folder: &Path, store: &DiskStore) -> Found {
    let text = |name: &str| store.read(&folder.join(name)).ok();
    let mut found = Found::default();
    if let Some(bytes) = text(".env") {
        found.merge(in_env_file(&String::from_utf8_lossy(&bytes)));
    }
    if let Some(Ok(containers)) = text("containers.json").map(|b| serde_json::from_slice(&b)) {
        let containers: Vec<Value> = containers;
        found.merge(in_containers(&containers));
    }
    found
}

fn sections(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                if SECTIONS.contains(&name.as_str()) {
                    blank(field);
                } else if name == "content" || is_secret_name(name) && field.is_string() {
                    *field = REDACTED.into();
                } else {
                    sections(field);
                }
            }
        }
        Value::Array(items) => {
            let mut follows = false;
            for item in items {
                // `["--requirepass", "…"]`
                let is_flag = item.as_str().is_some_and(|word| {
                    word.starts_with('-') && !word.contains('=') && is_secret_name(word)
                });
                if follows && item.is_string() && !is_flag {
                    *item = REDACTED.into();
                }
                follows = is_flag;
                sections(item);
            }
        }
        _ => {}
    }
}

/// A mapping keeps its names, a list of `NAME=value` too.
fn blank(section: &mut Value) {
    match section {
        Value::Object(fields) => fields.values_mut().for_each(|value| {
            if !value.is_null() {
                *value = REDACTED.into();
            }
        }),
        Value::Array(items) => {
            for item in items {
                let name =
                    item.as_str().and_then(|text| text.split_once('=')).map(|(name, _)| name);
                *item = name.map_or(REDACTED.into(), |name| format!("{name}={REDACTED}").into());
            }
        }
        Value::Null => {}
        other => *other = REDACTED.into(),
    }
}

fn strings(value: &mut Value) {
    match value {
        Value::String(text) => *text = scrub(text),
        Value::Array(items) => items.iter_mut().for_each(strings),
        Value::Object(fields) => fields.values_mut().for_each(strings),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn sections_lose_all_values_and_keep_their_names() {
        let value = json!({
            "environment": {"A": "x", "B": null, "C": 12},
            "Config": {"Env": ["A=x", "odd"]},
            "build": {"args": {"D": "y"}},
            "command": ["--requirepass", "z", "--port", "1"],
            "configs": {"a": {"content": "text"}},
            "api_token": "t",
            "image": "web:1",
        });
        let clean = Redaction(Redactor::default()).value(value);
        let wanted = json!({
            "environment": {"A": "[redacted]", "B": null, "C": "[redacted]"},
            "Config": {"Env": ["A=[redacted]", "[redacted]"]},
            "build": {"args": {"D": "[redacted]"}},
            "command": ["--requirepass", "[redacted]", "--port", "1"],
            "configs": {"a": {"content": "[redacted]"}},
            "api_token": "[redacted]",
            "image": "web:1",
        });
        assert_eq!(clean, wanted);
    }
}
