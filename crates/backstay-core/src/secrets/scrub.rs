//! Secrets that nobody knows, by what stands before them: `password=…`, `--token …`, `://user:…@`, `Bearer …`, private keys.

use super::judge::is_secret_name;
use super::redactor::REDACTED;

/// The text without whatever is written like a secret. Lines keep their places.
#[must_use]
pub fn scrub(text: &str) -> String {
    let mut in_key = false;
    let lines = text.split('\n').map(|line| {
        if line.contains("-----BEGIN") && line.contains("PRIVATE KEY") {
            in_key = !line.contains("-----END");
            return REDACTED.to_owned();
        }
        if in_key {
            in_key = !line.contains("-----END");
            return REDACTED.to_owned();
        }
        scrub_line(line)
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn scrub_line(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((start, end)) = next(rest) {
        out.push_str(&rest[..start]);
        out.push_str(REDACTED);
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

/// Where the first secret of the text begins and ends.
fn next(text: &str) -> Option<(usize, usize)> {
    let marks = text.char_indices().filter(|(_, c)| matches!(c, '=' | ':' | ' '));
    marks.filter_map(|(at, mark)| after(text, at, mark)).next()
}

/// The secret behind the mark at `at`, if there is one.
fn after(text: &str, at: usize, mark: char) -> Option<(usize, usize)> {
    if let Some(user) = text[at..].strip_prefix("://") {
        let end = user.find(['/', '?', '#', ' ', '"', '\'']).unwrap_or(user.len());
        let (name, _) = user[..end].rsplit_once('@')?;
        let colon = name.find(':')?;
        let begin = at + 3;
        return filled(text, begin + colon + 1, begin + name.len());
    }
    let before = text[..at].trim_end_matches(['"', '\'', '\\']);
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let name = &before[before.trim_end_matches(is_part).len()..];
    let is_scheme = matches!(name.to_ascii_lowercase().as_str(), "bearer" | "basic");
    let is_named = match mark {
        ' ' => is_scheme || name.starts_with("--") && is_secret_name(name),
        _ => is_secret_name(name),
    };
    if !is_named {
        return None;
    }
    let value = text[at + 1..].trim_start_matches([' ', '"', '\'', '\\', '=']);
    let begin = text.len() - value.len();
    // `Authorization: Bearer …`: the word behind the scheme is the secret.
    let first = value.split(' ').next().unwrap_or_default();
    if mark == ':' && matches!(first.to_ascii_lowercase().as_str(), "bearer" | "basic") {
        return None;
    }
    let length = value.find(|c: char| c.is_whitespace() || "\"',;&}]".contains(c));
    filled(text, begin, begin + length.unwrap_or(value.len()))
}

fn filled(text: &str, begin: usize, end: usize) -> Option<(usize, usize)> {
    (end > begin && !text[begin..].starts_with(REDACTED)).then_some((begin, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_like_a_secret_goes() {
        for (text, clean) in [
            ("DB_PASSWORD=abc x", "DB_PASSWORD=[redacted] x"),
            ("GENERATED ROOT PASSWORD: Xy9 z", "GENERATED ROOT PASSWORD: [redacted] z"),
            ("{\"token\": \"abc\", \"b\": 1}", "{\"token\": \"[redacted]\", \"b\": 1}"),
            ("redis://:pw@h/0 and pg://u:p@h", "redis://:[redacted]@h/0 and pg://u:[redacted]@h"),
            ("Authorization: Bearer abc.def", "Authorization: Bearer [redacted]"),
            (
                "redis-server --requirepass abc --port 1",
                "redis-server --requirepass [redacted] --port 1",
            ),
            ("password=[redacted]", "password=[redacted]"),
            ("a=1&secret=b&c=d", "a=1&secret=[redacted]&c=d"),
            ("nothing: here", "nothing: here"),
            ("http://host:80/x", "http://host:80/x"),
        ] {
            assert_eq!(scrub(text), clean);
        }
        let key = "a\n-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----\nb";
        assert_eq!(scrub(key), "a\n[redacted]\n[redacted]\n[redacted]\nb");
    }
}
