//! Takes values out of text.

use std::borrow::Cow;
use std::collections::BTreeSet;

use aho_corasick::{AhoCorasick, MatchKind};
use serde_json::Value;

use super::forms::forms;

/// What stands where a secret stood.
pub const REDACTED: &str = "[redacted]";

/// Replaces known values, in every form in which they turn up.
#[derive(Debug, Clone, Default)]
pub struct Redactor {
    search: Option<AhoCorasick>,
}

impl Redactor {
    /// One that knows these values.
    pub fn new<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let patterns: BTreeSet<String> = values.into_iter().flat_map(forms).collect();
        if patterns.is_empty() {
            return Self::default();
        }
        let mut builder = AhoCorasick::builder();
        // Without it, a short value would leave the rest of a longer one.
        let search = builder.match_kind(MatchKind::LeftmostLongest).build(patterns);
        Self { search: search.ok() }
    }

    /// The text without the values.
    #[must_use]
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let Some(search) = &self.search else { return Cow::Borrowed(text) };
        if !search.is_match(text) {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len());
        search.replace_all_with(text, &mut out, |_, _, out| {
            out.push_str(REDACTED);
            true
        });
        Cow::Owned(out)
    }

    /// Takes the values out of a text.
    pub fn clean(&self, text: &mut String) {
        if let Cow::Owned(clean) = self.text(text) {
            *text = clean;
        }
    }

    /// Takes the values out of all strings of a JSON value, those that are keys too.
    pub fn value(&self, value: &mut Value) {
        match value {
            Value::String(text) => self.clean(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Object(fields) => {
                for (key, mut field) in std::mem::take(fields) {
                    self.value(&mut field);
                    fields.insert(self.text(&key).into_owned(), field);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_value_goes_first_and_nothing_of_it_stays() {
        let redactor = Redactor::new(["hunter2", "hunter2-and-more"]);
        assert_eq!(redactor.text("x hunter2-and-more hunter2"), "x [redacted] [redacted]");
        assert_eq!(redactor.text("nothing"), "nothing");
        assert_eq!(Redactor::new([]).text("hunter2"), "hunter2");
    }

    #[test]
    fn json_loses_them_in_values_and_keys() {
        let mut value = serde_json::json!({"a hunter2": ["hunter2", 1, {"b": "url?p=hunter2"}]});
        Redactor::new(["hunter2"]).value(&mut value);
        let wanted = serde_json::json!(
            {"a [redacted]": ["[redacted]", 1, {"b": "url?p=[redacted]"}]}
        );
        assert_eq!(value, wanted);
    }
}
