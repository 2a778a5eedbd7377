//! Env files: what a user wrote, on any system, with any editor.

use backstay_core::secrets::{REDACTED, Redactor, in_env_file};
use backstay_core::stack::env_value;

/// Reads an env file. Each value is a piece of one line of it, and what is known to be a secret is taken out of the file in
/// full.
pub fn env_file(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for name in text.split(|c: char| !c.is_alphanumeric() && c != '_') {
        let Some(value) = env_value(&text, name) else { continue };
        assert!(!name.is_empty(), "a value without a name: {value:?}");
        assert!(text.lines().any(|line| line.contains(&value)), "{name} is {value:?}");
    }
    let found = in_env_file(&text);
    let secrets: Vec<&str> = found.all().collect();
    let clean = Redactor::new(secrets.iter().copied()).text(&text).into_owned();
    for piece in clean.split(REDACTED) {
        let left = secrets.iter().find(|secret| piece.contains(**secret));
        assert_eq!(left, None, "it is still in {piece:?}");
    }
}
