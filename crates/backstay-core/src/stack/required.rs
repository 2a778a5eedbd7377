//! Variables that a stack can't do without: `${NAME:?why}` and `${NAME?why}` in its compose files, and the names under
//! `x-backstay.required`.

use serde_json::Value;

use super::reference::{is_name, next_reference, split_name};
use super::yaml::documents;

/// A variable that must have a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Required {
    /// Its name.
    pub name: String,
    /// Why, in the words of the compose file.
    pub why: Option<String>,
    /// Whether an empty value will do: `${NAME?why}`.
    pub may_be_empty: bool,
    /// Whether it stands under `x-backstay.required`, so that Compose knows nothing of it.
    pub is_listed: bool,
}

/// The variables that a compose file's text requires. What stands inside of a default (`${A:-${B:?why}}`) is left to
/// Compose, and so are texts that are not YAML.
#[must_use]
pub fn required_variables(yaml: &str) -> Vec<Required> {
    let mut found = Vec::new();
    for document in &documents(yaml).unwrap_or_default() {
        collect(document, &mut found);
        let listed = document.pointer("/x-backstay/required");
        for name in listed.into_iter().flat_map(names) {
            found.push(Required { name, why: None, may_be_empty: false, is_listed: true });
        }
    }
    found.sort();
    found.dedup_by(|a, b| {
        a.name == b.name && a.may_be_empty == b.may_be_empty && a.is_listed == b.is_listed
    });
    found
}

fn names(listed: &Value) -> Vec<String> {
    match listed {
        Value::Array(items) => {
            items.iter().filter_map(|item| item.as_str()).map(str::to_owned).collect()
        }
        Value::String(text) => text.split([',', ' ']).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
    .into_iter()
    .filter(|name| !name.is_empty())
    .collect()
}

fn collect(value: &Value, found: &mut Vec<Required>) {
    match value {
        Value::String(text) => found.extend(in_text(text)),
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(fields) => fields.values().for_each(|value| collect(value, found)),
        _ => {}
    }
}

fn in_text(text: &str) -> Vec<Required> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(reference) = next_reference(rest) {
        let Some(inner) = reference.strip_prefix('{') else {
            rest = reference;
            continue;
        };
        let body = &inner[..closing(inner)];
        rest = &inner[body.len()..];
        let (name, how) = split_name(body);
        if !is_name(name) {
            // Compose says what is wrong with it.
            continue;
        }
        let may_be_empty = !how.starts_with(':');
        if let Some(why) = how.strip_prefix(":?").or_else(|| how.strip_prefix('?')) {
            let why = Some(why.trim().to_owned()).filter(|why| !why.is_empty());
            let name = name.to_owned();
            found.push(Required { name, why, may_be_empty, is_listed: false });
        }
    }
    found
}

/// Where the brace closes that was opened before this text.
fn closing(text: &str) -> usize {
    let mut depth = 1;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_in(yaml: &str) -> Vec<String> {
        required_variables(yaml).into_iter().map(|found| found.name).collect()
    }

    #[test]
    fn required_variables_are_found_where_compose_would_ask_for_them() {
        let yaml = "# ${COMMENT:?no}\nx-backstay: {required: [LISTED, B]}\nservices:\n  web:\n    \
                    image: a:${A:?say ${which}} \n    command: $${ESCAPED:?no} ${B?} ${C:-${INNER:?no}} ${D}\n";
        assert_eq!(names_in(yaml), ["A", "B", "B", "LISTED"]);
        let found = required_variables(yaml);
        assert_eq!(found[0].why.as_deref(), Some("say ${which}"));
        assert_eq!((found[0].may_be_empty, found[2].may_be_empty), (false, true));
    }

    #[test]
    fn a_text_that_is_no_yaml_requires_nothing() {
        assert_eq!(names_in("services: [${A:?x}"), [""; 0]);
    }
}
