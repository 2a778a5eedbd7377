//! How a text refers to variables: `$NAME`, `${NAME}`, `${NAME:-default}`; in a compose file `$$` is a dollar sign.

/// What two dollar signs are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dollars {
    /// One that is meant, as in a compose file.
    Escaped,
    /// Two of them, as in a Dockerfile.
    Plain,
}

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

/// A text with the values of its variables in their places; `None` where one has none, or where only Compose can say it.
pub(crate) fn filled(
    text: &str,
    dollars: Dollars,
    value: &dyn Fn(&str) -> Option<String>,
) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((head, tail)) = rest.split_once('$') {
        out.push_str(head);
        if let (Dollars::Escaped, Some(tail)) = (dollars, tail.strip_prefix('$')) {
            out.push('$');
            rest = tail;
            continue;
        }
        let (name, how, after) = match tail.strip_prefix('{') {
            Some(inner) => {
                let (body, after) = inner.split_once('}')?;
                let (name, how) = split_name(body);
                (name, how, after)
            }
            None => {
                let (name, after) = split_name(tail);
                (name, "", after)
            }
        };
        if !is_name(name) || how.contains(['$', '{']) {
            return None;
        }
        let found = value(name);
        let filled = found.clone().filter(|value| !value.is_empty());
        out.push_str(&match (how.strip_prefix(":-"), how.strip_prefix('-')) {
            _ if how.is_empty() => filled?,
            (Some(default), _) => filled.unwrap_or_else(|| default.to_owned()),
            (_, Some(default)) => found.unwrap_or_else(|| default.to_owned()),
            _ if how.starts_with(['?']) || how.starts_with(":?") => filled?,
            _ => return None,
        });
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_filled_in_where_the_values_are_known() {
        let value = |name: &str| match name {
            "A" => Some("x".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        let plain = |text| filled(text, Dollars::Plain, &value);
        let filled = |text| filled(text, Dollars::Escaped, &value);
        assert_eq!(filled("a/$A/${A}.env").as_deref(), Some("a/x/x.env"));
        assert_eq!(filled("${B:-y}${EMPTY:-z}${EMPTY-z}${A:?no}$$A").as_deref(), Some("yzx$A"));
        assert_eq!((plain("$$A"), plain("b:${A}").as_deref()), (None, Some("b:x")));
        for open in ["$B", "${B}", "${B:?no}", "${B:-$A}", "${A:+x}", "${A", "$1", "${EMPTY}"] {
            assert_eq!(filled(open), None, "{open}");
        }
    }
}
