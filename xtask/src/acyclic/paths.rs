//! The paths in the text of a file.

/// The text without its tests and comments.
pub(super) fn code(text: &str) -> String {
    let code = text.split("\n#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// The paths that begin with `crate`, `super` or `self`; groups are taken apart.
pub(super) fn paths(code: &str) -> Vec<Vec<String>> {
    let beginnings = ["crate::", "super::", "self::"];
    let found = beginnings.iter().flat_map(|word| words(code, word, 0));
    found.flat_map(trees).map(|(_, path)| path).collect()
}

/// The names that `use` brings in, each with the path that it stands for.
pub(super) fn imports(code: &str) -> Vec<(String, Vec<String>)> {
    words(code, "use ", "use ".len()).flat_map(trees).collect()
}

/// The text behind each place where a word begins a path, from so many bytes after its beginning.
fn words<'a>(code: &'a str, word: &'a str, skip: usize) -> impl Iterator<Item = &'a str> {
    code.match_indices(word).filter_map(move |(at, _)| {
        let before = code[..at].chars().next_back();
        (!before.is_some_and(|c| is_of_word(c) || c == ':')).then(|| &code[at + skip..])
    })
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn trees(text: &str) -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    tree(text, &[], &mut found);
    found
}

/// Reads one path or group, each of its paths with the name that it is known by. Returns the text after it.
fn tree<'a>(text: &'a str, before: &[&'a str], found: &mut Vec<(String, Vec<String>)>) -> &'a str {
    let mut path = before.to_vec();
    let mut rest = text.trim_start();
    loop {
        if let Some(group) = rest.strip_prefix('{') {
            rest = tree(group, &path, found).trim_start();
            while let Some(more) = rest.strip_prefix(',') {
                rest = tree(more, &path, found).trim_start();
            }
            return rest.strip_prefix('}').unwrap_or(rest);
        }
        let end = rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
        if end > 0 {
            path.push(&rest[..end]);
        }
        rest = &rest[end..];
        match rest.strip_prefix("::").filter(|_| end > 0) {
            Some(more) => rest = more,
            None => break,
        }
    }
    // Nothing stands behind the last comma of a group.
    if path.len() == before.len() && !rest.starts_with('*') {
        return rest;
    }
    if path.len() > 1 && path.last() == Some(&"self") {
        path.pop();
    }
    let other = rest.trim_start().strip_prefix("as ").map(str::trim_start);
    let other = other.map(|name| name.split(|c| !is_of_word(c)).next().unwrap_or_default());
    if let Some(name) = other.or(path.last().copied()) {
        found.push((name.to_owned(), path.into_iter().map(str::to_owned).collect()));
    }
    let end = rest.find([',', '}', ';']).unwrap_or(rest.len());
    &rest[end..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(paths: Vec<Vec<String>>) -> Vec<String> {
        paths.into_iter().map(|path| path.join("::")).collect()
    }

    #[test]
    fn paths_are_found_alone_and_in_groups() {
        let text = "use crate::a::B;\n// crate::no\nuse crate::{c, d::{E, self}, g::*};\n\
                    let x = crate::h::i::<u8>();\nuse my_crate::z;\nuse self::super::{k as l, m,};\n\
                    self.n; super::super::o(p, q);\n#[cfg(test)]\nmod tests { use crate::t; }";
        let found = joined(paths(&code(text)));
        let expected = "crate::a::B crate::c crate::d::E crate::d crate::g crate::h::i \
                        super::super::o self::super::k self::super::m";
        assert_eq!(found, expected.split_whitespace().collect::<Vec<_>>());
    }

    #[test]
    fn imports_are_known_by_their_names() {
        let found =
            imports(&code("pub use a::{B, c as d};\npub(crate) use super::e::{self, F};\n"));
        let found: Vec<String> =
            found.iter().map(|(name, path)| format!("{name}={}", path.join("::"))).collect();
        assert_eq!(found, ["B=a::B", "d=a::c", "e=super::e", "F=super::e::F"]);
    }
}
