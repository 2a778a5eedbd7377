//! The few variables of an env file that say where the stack is. Everything else in it is Compose's to read.

use std::path::Path;

/// The value of a variable in an env file, the last one where it is there twice. A file that can't be read has none: Compose
/// itself complains about it.
pub(super) fn value(file: &Path, name: &str) -> Option<String> {
    let bytes = std::fs::read(file).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
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
    let end = value.find(" #").unwrap_or(value.len());
    value[..end].trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_compose_reads_them() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(".env");
        let text =
            "\u{feff}A=1\n# B=2\nexport C = three # not this\nD=\"four # yes\" x\nE='5'\nA=6\n";
        std::fs::write(&file, text).unwrap();
        let get = |name| value(&file, name);
        assert_eq!(get("A").as_deref(), Some("6"));
        assert_eq!(get("B"), None);
        assert_eq!(get("C").as_deref(), Some("three"));
        assert_eq!(get("D").as_deref(), Some("four # yes"));
        assert_eq!(get("E").as_deref(), Some("5"));
        assert_eq!(value(&dir.path().join("none"), "A"), None);
    }
}
