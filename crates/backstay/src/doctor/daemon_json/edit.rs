//! Adds mirrors to the text of a `daemon.json`. Only the list of mirrors changes: other keys, their order and the way
//! the file is laid out stay.

use serde_json::Value;

use super::mirror::Mirror;

const KEY: &str = "registry-mirrors";

/// Why a file can't be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadFile {
    /// The line, from 1.
    pub(crate) line: usize,
    /// The column, from 1.
    pub(crate) column: usize,
    /// What is wrong there.
    pub(crate) problem: Problem,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    /// It is no JSON, in the words of the parser.
    Json(String),
    /// It is no text.
    NotUtf8,
    /// It is no object.
    NoObject,
    /// `registry-mirrors` is no list of texts.
    NoList,
}

/// The text with these mirrors behind those that it has; the same text where it has them all.
///
/// # Errors
/// [`BadFile`] for a text that is no JSON object, or whose mirrors are no list of texts.
pub(crate) fn with_mirrors(text: &str, mirrors: &[Mirror]) -> Result<String, BadFile> {
    let (mark, body) = match text.strip_prefix('\u{feff}') {
        Some(body) => ("\u{feff}", body),
        None => ("", text),
    };
    // An engine takes an empty file for one without settings.
    if body.trim().is_empty() {
        let list = list(mirrors.iter().map(Mirror::url), "  ", "\n");
        return Ok(format!("{mark}{{\n  \"{KEY}\": {list}\n}}\n"));
    }
    let value: Value = serde_json::from_str(body).map_err(|error| BadFile {
        line: error.line(),
        column: error.column(),
        problem: Problem::Json(problem(&error)),
    })?;
    let bad = |at: usize, problem: Problem| {
        let (line, column) = position(body, at);
        BadFile { line, column, problem }
    };
    let Value::Object(settings) = &value else {
        let start = body.len() - body.trim_start().len();
        return Err(bad(start, Problem::NoObject));
    };
    let newline = if body.contains("\r\n") { "\r\n" } else { "\n" };
    let members = members(body);
    // Where a key is there twice, the engine reads the last one.
    let Some(member) = members.iter().rev().find(|member| member.key == KEY) else {
        return Ok(format!("{mark}{}", inserted(body, &members, mirrors, newline)));
    };
    let not_a_list = || bad(member.from, Problem::NoList);
    let known: Option<Vec<&str>> = match settings.get(KEY) {
        Some(Value::Array(items)) => items.iter().map(Value::as_str).collect(),
        Some(Value::Null) => Some(Vec::new()),
        _ => None,
    };
    let known = known.ok_or_else(not_a_list)?;
    let new: Vec<&str> = mirrors
        .iter()
        .filter(|mirror| !known.iter().any(|entry| mirror.is(entry)))
        .map(Mirror::url)
        .collect();
    if new.is_empty() {
        return Ok(text.to_owned());
    }
    let indent = indent_at(body, member.name);
    let list = list(known.into_iter().chain(new), indent.unwrap_or_default(), newline);
    let list = if indent.is_some() { list } else { on_one_line(&list) };
    Ok(format!("{mark}{}{list}{}", &body[..member.from], &body[member.to..]))
}

/// A member of the outer object: its key, and where key and value stand.
struct Member {
    key: String,
    name: usize,
    from: usize,
    to: usize,
}

/// The members of the outer object of a text that is known to be valid.
fn members(text: &str) -> Vec<Member> {
    let mut found: Vec<Member> = Vec::new();
    let (mut depth, mut name, mut value) = (0, None, None);
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                let end = end_of_string(bytes, at);
                if depth == 1 && name.is_none() {
                    name = Some((at, serde_json::from_str(&text[at..end]).unwrap_or_default()));
                } else if depth == 1 && value.is_none() {
                    value = Some(at);
                }
                at = end;
                continue;
            }
            b'{' | b'[' => {
                if depth == 1 && name.is_some() && value.is_none() {
                    value = Some(at);
                }
                depth += 1;
            }
            b',' | b'}' | b']' if depth == 1 => {
                if let (Some((name, key)), Some(from)) = (name.take(), value.take()) {
                    let to = from + text[from..at].trim_end().len();
                    found.push(Member { key, name, from, to });
                }
                depth -= usize::from(bytes[at] != b',');
            }
            b'}' | b']' => depth -= 1,
            b':' | b',' | b' ' | b'\t' | b'\r' | b'\n' => {}
            _ if depth == 1 && name.is_some() && value.is_none() => value = Some(at),
            _ => {}
        }
        at += 1;
    }
    found
}

fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

/// The text with the list as its last member.
fn inserted(body: &str, members: &[Member], mirrors: &[Mirror], newline: &str) -> String {
    let urls = || mirrors.iter().map(Mirror::url);
    let Some(last) = members.last() else {
        let open = body.find('{').map_or(0, |at| at + 1);
        let close = body.rfind('}').unwrap_or(body.len());
        let list = list(urls(), "  ", newline);
        return format!("{}{newline}  \"{KEY}\": {list}{newline}{}", &body[..open], &body[close..]);
    };
    let (before, after) = body.split_at(last.to);
    match indent_at(body, last.name) {
        Some(indent) => {
            let list = list(urls(), indent, newline);
            format!("{before},{newline}{indent}\"{KEY}\": {list}{after}")
        }
        None => {
            let list = on_one_line(&list(urls(), "", newline));
            format!("{before}, \"{KEY}\": {list}{after}")
        }
    }
}

/// What stands before a member on its line; `None` where something else does.
fn indent_at(text: &str, at: usize) -> Option<&str> {
    let line = text[..at].rfind('\n')? + 1;
    let indent = &text[line..at];
    indent.chars().all(|c| c == ' ' || c == '\t').then_some(indent)
}

fn list<'a>(urls: impl Iterator<Item = &'a str>, indent: &str, newline: &str) -> String {
    let step = if indent.starts_with('\t') {
        "\t"
    } else if indent.is_empty() {
        "  "
    } else {
        indent
    };
    let items: Vec<String> =
        urls.map(|url| format!("{indent}{step}{}", serde_json::Value::from(url))).collect();
    format!("[{newline}{}{newline}{indent}]", items.join(&format!(",{newline}")))
}

fn on_one_line(list: &str) -> String {
    let parts: Vec<&str> = list.lines().map(str::trim).collect();
    parts.join(" ").replace("[ ", "[").replace(" ]", "]")
}

/// The words of an error without its place, which is told beside it.
fn problem(error: &serde_json::Error) -> String {
    let words = error.to_string();
    words.split(" at line ").next().unwrap_or(&words).to_owned()
}

fn position(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    (line, before.len() - before.rfind('\n').map_or(0, |at| at + 1) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mirrors() -> Vec<Mirror> {
        ["https://a.test", "https://b.test"].iter().map(|url| url.parse().unwrap()).collect()
    }

    fn changed(text: &str) -> String {
        let new = with_mirrors(text, &mirrors()).unwrap();
        assert_eq!(with_mirrors(&new, &mirrors()).unwrap(), new, "a second time nothing changes");
        new
    }

    #[test]
    fn an_empty_file_gets_its_first_setting() {
        let wanted = "{\n  \"registry-mirrors\": [\n    \"https://a.test\",\n    \"https://b.test\"\n  ]\n}\n";
        for text in ["", " \n", "{}\n"] {
            assert_eq!(changed(text).trim_end(), wanted.trim_end(), "{text:?}");
        }
    }

    #[test]
    fn other_keys_keep_their_order_and_their_looks() {
        let text = "{\n    \"zeta\": {\"a\": [1, 2], \"registry-mirrors\": 3},\n    \"alpha\": \"x\\\"}\"\n}\n";
        let wanted = "{\n    \"zeta\": {\"a\": [1, 2], \"registry-mirrors\": 3},\n    \"alpha\": \"x\\\"}\",\n    \"registry-mirrors\": [\n        \"https://a.test\",\n        \"https://b.test\"\n    ]\n}\n";
        assert_eq!(changed(text), wanted);
        let text = "{\"b\": true, \"a\": 1}";
        let wanted = "{\"b\": true, \"a\": 1, \"registry-mirrors\": [\"https://a.test\", \"https://b.test\"]}";
        assert_eq!(changed(text), wanted);
        assert!(
            changed("\u{feff}{\r\n\t\"a\": 1\r\n}\r\n")
                .starts_with("\u{feff}{\r\n\t\"a\": 1,\r\n\t\"")
        );
    }

    #[test]
    fn mirrors_that_are_there_stay_and_come_first() {
        let text =
            "{\n  \"registry-mirrors\": [\"https://b.test/\", \"https://z.test\"],\n  \"a\": 1\n}";
        let wanted = "{\n  \"registry-mirrors\": [\n    \"https://b.test/\",\n    \"https://z.test\",\n    \"https://a.test\"\n  ],\n  \"a\": 1\n}";
        assert_eq!(changed(text), wanted);
        let text = "{\"registry-mirrors\": null}";
        let wanted = "{\"registry-mirrors\": [\"https://a.test\", \"https://b.test\"]}";
        assert_eq!(changed(text), wanted);
    }

    #[test]
    fn what_is_no_settings_file_is_refused_with_its_place() {
        let bad = |text: &str| {
            let found = with_mirrors(text, &mirrors()).unwrap_err();
            (found.line, found.column, found.problem)
        };
        let comma = Problem::Json("trailing comma".to_owned());
        assert_eq!(bad("{\n  \"a\": 1,\n}"), (3, 1, comma));
        assert_eq!(bad(" [1]"), (1, 2, Problem::NoObject));
        assert_eq!(bad("{\n \"registry-mirrors\": {}\n}").0, 2);
        assert_eq!(bad("{\"registry-mirrors\": [1]}").2, Problem::NoList);
    }

    #[test]
    fn what_comes_out_is_what_went_in_and_the_mirrors() {
        let texts = [
            "{\"a\":{\"b\":[{},[]]},\"c\":null,\"d\":-1.5e3,\"e\":\"\\u0041\\\\\"}",
            "{ \"a\" : [ ] , \"registry-mirrors\" : [ ] , \"b\" : { } }",
            "{\n\t\"a\": \"{[,:]}\"\n}",
        ];
        for text in texts {
            let mut before: Value = serde_json::from_str(text).unwrap();
            let after: Value = serde_json::from_str(&changed(text)).unwrap();
            before["registry-mirrors"] = serde_json::json!(["https://a.test", "https://b.test"]);
            assert_eq!(after, before, "{text}");
        }
    }
}
