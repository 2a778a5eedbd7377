//! How a compose file's text refers to variables: `$NAME`, `${NAME}`, and `$$` for a dollar sign.

/// What follows the next `$` that is not escaped.
pub(super) fn next_reference(mut text: &str) -> Option<&str> {
    loop {
        let (_, tail) = text.split_once('$')?;
        match tail.strip_prefix('$') {
            Some(escaped) => text = escaped,
            None => return Some(tail),
        }
    }
}

/// Whether Compose takes it for the name of a variable.
pub(super) fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

/// The name that a reference begins with, behind its brace, and what follows it.
pub(super) fn split_name(reference: &str) -> (&str, &str) {
    let is_end = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    reference.split_at(reference.find(is_end).unwrap_or(reference.len()))
}
