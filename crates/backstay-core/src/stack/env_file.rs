//! Env files, as far as Backstay itself reads them. Everything else in them is Compose's to read.

/// The value of a variable in the text of an env file, the last one where it is there twice.
#[must_use]
pub fn env_value(text: &str, name: &str) -> Option<String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.lines().rev().filter_map(assignment).find(|(key, _)| *key == name).map(|(_, value)| value)
}

fn assignment(line: &str) -> Option<(&str, String)> {
    let line = line.trim();
    let line = line.strip_prefix("export ").map_or(line, str::trim_start);
    let (key, value) = line.split_once(['=', ':'])?;
    let key = key.trim_end();
    let is_name = !key.is_empty() && !key.starts_with('#');
    is_name.then(|| (key, unquoted(value.trim())))
}

fn unquoted(value: &str) -> String {
    for quote in ['"', '\''] {
        if let Some(rest) = value.strip_prefix(quote) {
            return rest.split(quote).next().unwrap_or_default().to_owned();
        }
    }
    // A comment needs a space before it.
    let end = if value.starts_with('#') { 0 } else { value.find(" #").unwrap_or(value.len()) };
    value[..end].trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_compose_reads_them() {
        let text = "\u{feff}A=1\n# B=2\nexport C = three # not this\nD=\"four # yes\" x\nE='5'\nA=6\n\
                    F= # nothing\n";
        let get = |name| env_value(text, name);
        assert_eq!(get("A").as_deref(), Some("6"));
        assert_eq!(get("B"), None);
        assert_eq!(get("C").as_deref(), Some("three"));
        assert_eq!(get("D").as_deref(), Some("four # yes"));
        assert_eq!(get("E").as_deref(), Some("5"));
        assert_eq!(get("F").as_deref(), Some(""));
    }
}
