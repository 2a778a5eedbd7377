//! What Compose writes to its standard error: never data, only words for a person.

use backstay_core::engine::EngineErrorKind;

use crate::error::kind_of;

/// How many lines of an error are kept.
const LINES: usize = 8;

/// The lines that say why it failed, without remarks and terminal escapes.
pub(crate) fn last_words(stderr: &str) -> String {
    let lines: Vec<String> = stderr.lines().filter_map(word).collect();
    let mut kept: Vec<&str> = Vec::new();
    for line in &lines {
        if kept.last() != Some(&line.as_str()) {
            kept.push(line);
        }
    }
    let from = kept.len().saturating_sub(LINES);
    if kept.is_empty() { "it failed without a word".to_owned() } else { kept[from..].join("\n") }
}

/// A line as a person needs it; `None` where it says nothing about a failure.
pub(crate) fn word(line: &str) -> Option<String> {
    let line = plain(line);
    let line = line.trim_end();
    if line.trim().is_empty() {
        return None;
    }
    if !line.starts_with("time=\"") {
        return Some(line.to_owned());
    }
    let level = line.split_once(" level=").map(|(_, rest)| rest.split(' ').next());
    if !matches!(level.flatten(), Some("error" | "fatal" | "panic")) {
        return None;
    }
    let quoted = line.split_once(" msg=\"").map_or(line, |(_, rest)| rest);
    Some(quoted.strip_suffix('"').unwrap_or(quoted).replace("\\\"", "\""))
}

/// A text without terminal escapes and other control characters.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c == '\u{1b}' {
            // `ESC [ … letter`; any other escape is one character long.
            if rest.next() == Some('[') {
                rest.by_ref().find(|c| ('\u{40}'..='\u{7e}').contains(c));
            }
        } else if c == '\t' || !c.is_control() {
            out.push(c);
        }
    }
    out
}

/// The kind of a failed `config` or `create`.
pub(crate) fn classify(code: Option<i32>, message: &str) -> EngineErrorKind {
    /// Compose: a file is missing, a file is not valid.
    const FILE_NOT_FOUND: i32 = 14;
    const NOT_VALID: i32 = 15;
    let lower = message.to_lowercase();
    let missing = [
        "no such file or directory",
        "couldn't find env file",
        "cannot find the file specified",
        "cannot find the path specified",
    ];
    if let Some(kind) = kind_of(message) {
        kind
    } else if missing.iter().any(|words| lower.contains(words)) {
        EngineErrorKind::FileMissing
    } else if lower.contains("is not a docker command")
        || lower.contains("unknown command: docker compose")
    {
        EngineErrorKind::ComposeMissing
    } else if lower.contains("error response from daemon") {
        if lower.contains("conflict") { EngineErrorKind::Conflict } else { EngineErrorKind::Other }
    } else {
        match code {
            Some(FILE_NOT_FOUND) => EngineErrorKind::FileMissing,
            Some(NOT_VALID | 1) => EngineErrorKind::InvalidStack,
            _ => EngineErrorKind::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_are_no_last_words() {
        let stderr = "time=\"2024-01-29T14:30:52Z\" level=warning msg=\"The \\\"TAG\\\" variable is not set.\"\n\
            \u{1b}[31mservices.a Additional property foo is not allowed\u{1b}[0m\n\n";
        assert_eq!(last_words(stderr), "services.a Additional property foo is not allowed");
        let error = "time=\"x\" level=error msg=\"it said \\\"no\\\"\"";
        assert_eq!(last_words(error), "it said \"no\"");
        assert_eq!(last_words("  \n"), "it failed without a word");
    }

    #[test]
    fn compose_errors_have_kinds() {
        use EngineErrorKind as Kind;
        let cases = [
            (
                15,
                "validating /x.yaml: services.a Additional property foo is not allowed",
                Kind::InvalidStack,
            ),
            (15, "yaml: line 1: did not find expected ',' or '}'", Kind::InvalidStack),
            (15, "required variable A is missing a value: must be set", Kind::InvalidStack),
            (14, "open /tmp/none.yaml: no such file or directory", Kind::FileMissing),
            (
                14,
                "env file /x/none.env not found: stat /x/none.env: no such file or directory",
                Kind::FileMissing,
            ),
            (1, "Couldn't find env file: /x/nope.env", Kind::FileMissing),
            (1, "failed to read /x/bad.env: line 2: unterminated quoted value", Kind::InvalidStack),
            (1, "Error response from daemon: No such image: x:latest", Kind::NotFound),
            (
                1,
                "Error response from daemon: Conflict. The container name is in use",
                Kind::Conflict,
            ),
            (1, "Error response from daemon: write /x: no space left on device", Kind::DiskFull),
            (1, "docker: 'compose' is not a docker command.", Kind::ComposeMissing),
        ];
        for (code, message, kind) in cases {
            assert_eq!(classify(Some(code), message), kind, "{message}");
        }
    }
}
