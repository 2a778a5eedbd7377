//! The assignments of an env file. Read generously: a value too many is better than a secret that is missed.

/// Names and values, with quotes taken off. A value may span lines inside quotes.
pub(super) fn assignments(text: &str) -> Vec<(String, String)> {
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        let Some((name, start)) = name_of(line) else {
            rest = after;
            continue;
        };
        let value = &rest[start..];
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        if let Some((value, after)) = quote.and_then(|quote| quoted(&value[1..], quote)) {
            found.push((name.to_owned(), value));
            rest = after;
            continue;
        }
        let value = line[start..].trim();
        // A comment needs a space before it.
        let end = value.find(" #").unwrap_or(value.len());
        found.push((name.to_owned(), value[..end].trim_end().to_owned()));
        rest = after;
    }
    found
}

/// The name that a line assigns to, and where its value begins.
fn name_of(line: &str) -> Option<(&str, usize)> {
    let at = line.find(['=', ':'])?;
    let name = line[..at].trim();
    let name = name.strip_prefix("export ").unwrap_or(name).trim();
    if name.is_empty() || name.starts_with('#') {
        return None;
    }
    let spaces = line[at + 1..].len() - line[at + 1..].trim_start().len();
    Some((name, at + 1 + spaces))
}

/// The text up to the closing quote, and what follows it.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if quote == '"' => match chars.next()?.1 {
                'n' => value.push('\n'),
                't' => value.push('\t'),
                'r' => value.push('\r'),
                other => value.push(other),
            },
            c if c == quote => return Some((value, &text[at + 1..])),
            c => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_value_is_read() {
        let text = "\u{feff}A=one\n# B=x\nexport C = 'two three' # note\nD=\"four\\nfive\"\n\
                    E: six\nF=\"se\nven\"\nG=eight # note\nH=\"open\nI=nine";
        let found = assignments(text);
        let found: Vec<(&str, &str)> =
            found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let wanted = [
            ("A", "one"),
            ("C", "two three"),
            ("D", "four\nfive"),
            ("E", "six"),
            ("F", "se\nven"),
            ("G", "eight"),
            ("H", "\"open"),
            ("I", "nine"),
        ];
        // What follows a closing quote is not a line of its own that assigns anything.
        assert_eq!(found, wanted);
    }
}
