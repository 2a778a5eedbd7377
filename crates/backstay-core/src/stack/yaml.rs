//! YAML as a generic value, within limits: a few lines of aliases can stand for millions of values.

use serde_json::Value;
use serde_saphyr::{Error, Options};

/// How many events aliases may stand for: enough for two hundred services that share a hundred settings.
const REPLAYED: usize = 50_000;

/// Reads a text of one document.
///
/// # Errors
/// What is wrong with it, and where.
pub(crate) fn document(text: &str) -> Result<Value, Error> {
    // JSON is YAML, and read much faster as what it is.
    if text.starts_with('{')
        && let Ok(value) = serde_json::from_str(text)
    {
        return Ok(value);
    }
    serde_saphyr::from_str_with_options(text, options())
}

/// Reads a text of any number of documents.
///
/// # Errors
/// What is wrong with it, and where.
pub(crate) fn documents(text: &str) -> Result<Vec<Value>, Error> {
    serde_saphyr::from_multiple_with_options(text, options())
}

fn options() -> Options {
    let mut options = Options::default();
    options.alias_limits.max_total_replayed_events = REPLAYED;
    // One anchor that a hundred services use is no attack.
    options.budget = options.budget.map(|mut budget| {
        budget.enforce_alias_anchor_ratio = false;
        budget
    });
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_of_aliases_end_early() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for at in 1..30 {
            let all = vec![format!("*a{}", at - 1); 9].join(", ");
            text.push_str(&format!("a{at}: &a{at} [{all}]\n"));
        }
        let error = document(&text).unwrap_err().to_string();
        assert!(error.contains("alias"), "{error}");
        assert!(documents(&text).is_err());
    }

    #[test]
    fn settings_that_many_services_share_are_read() {
        let shared: String = (0..100).map(|at| format!("  V{at}: x\n")).collect();
        let mut text = format!("x-shared: &shared\n{shared}services:\n");
        for at in 0..200 {
            text.push_str(&format!("  s{at}: {{environment: {{<<: *shared}}}}\n"));
        }
        let value = document(&text).unwrap();
        assert_eq!(value["services"]["s199"]["environment"]["V99"], "x");
    }
}
