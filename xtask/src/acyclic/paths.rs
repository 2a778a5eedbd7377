//! The names in the code of a file.

use super::code::{is_of_word, word};

/// A path, by the words in it.
pub(super) type Path = Vec<String>;

/// What the code of a file names.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// The paths in it, but for those behind `use`.
    pub(super) paths: Vec<Path>,
    /// What `use` brings into it; groups are taken apart.
    pub(super) imports: Vec<Import>,
    /// What it makes itself, at its top.
    pub(super) own: Vec<String>,
}

/// A name that `use` brings in, or all names of a path.
#[derive(Debug)]
pub(super) struct Import {
    /// As it is called there; `None` for all that the path has, behind a `*`.
    pub(super) name: Option<String>,
    pub(super) path: Path,
    /// Whether modules that are not below have it from there too.
    pub(super) open: bool,
}

/// What stands before the name of an item.
const ITEMS: [&str; 10] =
    ["fn", "struct", "enum", "trait", "type", "const", "static", "union", "mod", "macro_rules"];

/// Reads code without comments, strings and tests.
pub(super) fn names(code: &str) -> Names {
    let own = code.lines().filter_map(own).map(str::to_owned).collect();
    let mut names = Names { own, ..Names::default() };
    let mut rest = code;
    while let Some(at) = rest.find(is_of_word) {
        // `<T>::name` is no path of its own.
        let goes_on = rest[..at].ends_with("::");
        rest = &rest[at..];
        if let Some(import) = rest.strip_prefix("use ") {
            // As in `pub use` and `pub(crate) use`.
            let before = code[..code.len() - rest.len()].trim_end();
            let first = names.imports.len();
            rest = tree(import, &[], &mut names.imports);
            let open = before.ends_with("pub") || before.ends_with(')');
            names.imports[first..].iter_mut().for_each(|import| import.open = open);
            continue;
        }
        let (path, more) = path(rest);
        if path.len() > 1 && !goes_on {
            names.paths.push(owned(&path));
        }
        rest = more;
    }
    names
}

/// The name of the item that a line begins. Those at the top of a file begin at the line's first column.
fn own(line: &str) -> Option<&str> {
    if !line.starts_with(is_of_word) {
        return None;
    }
    let mut words = line.split(|c| !is_of_word(c)).filter(|word| !word.is_empty());
    words.find(|word| ITEMS.contains(word))?;
    // As in `const fn` and `const unsafe fn`.
    words.find(|word| !ITEMS.contains(word) && !["unsafe", "async", "extern", "mut"].contains(word))
}

fn owned(path: &[&str]) -> Path {
    path.iter().map(|word| (*word).to_owned()).collect()
}

/// The path with which a text begins, and the text after it.
fn path(text: &str) -> (Vec<&str>, &str) {
    let mut path = Vec::new();
    let mut rest = text;
    loop {
        let end = word(rest);
        if end > 0 {
            path.push(&rest[..end]);
        }
        rest = &rest[end..];
        match rest.strip_prefix("::").filter(|_| end > 0) {
            Some(more) => rest = more,
            None => return (path, rest),
        }
    }
}

/// Reads one path or group behind `use`. Returns the text after it.
fn tree<'a>(text: &'a str, before: &[&'a str], found: &mut Vec<Import>) -> &'a str {
    let (more, mut rest) = path(text.trim_start());
    let mut path = [before, &more].concat();
    if let Some(group) = rest.strip_prefix('{') {
        rest = tree(group, &path, found).trim_start();
        while let Some(more) = rest.strip_prefix(',') {
            rest = tree(more, &path, found).trim_start();
        }
        return rest.strip_prefix('}').unwrap_or(rest);
    }
    if let Some(rest) = rest.strip_prefix('*') {
        found.push(Import { name: None, path: owned(&path), open: false });
        return rest;
    }
    // Nothing stands behind the last comma of a group.
    if more.is_empty() {
        return rest;
    }
    if path.len() > 1 && path.last() == Some(&"self") {
        path.pop();
    }
    let other = rest.trim_start().strip_prefix("as ").map(str::trim_start);
    let other = other.map(|name| &name[..word(name)]);
    let name = other.or(path.last().copied()).map(str::to_owned);
    found.push(Import { name, path: owned(&path), open: false });
    let end = rest.find([',', '}', ';']).unwrap_or(rest.len());
    &rest[end..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found_wherever_they_are() {
        let found = names(
            "let x = crate::h::i::<u8, self::j>(k::l);\nself.n; super::super::o(p, &q::r!());\n\
             impl A for Vec<b::C> { fn d() { <e::F>::g::h() } }\nlet reuse = my_crate::z;",
        );
        let expected = "crate::h::i self::j k::l super::super::o q::r b::C e::F my_crate::z";
        let paths: Vec<String> = found.paths.iter().map(|path| path.join("::")).collect();
        assert_eq!(paths.join(" "), expected);
        assert!(found.imports.is_empty());
    }

    #[test]
    fn imports_are_known_by_their_names() {
        let found = names(
            "pub use a::{B, c as d};\npub(crate) use super::e::{self, F};\n\
             #[cfg(unix)]\nuse crate::{g, h::{I, self}, j::*};\nuse self::super::{k as l, m,};\n\
             fn o() {\n    use n;\n}\nuse super::*;",
        );
        let told = found.imports.iter().map(|import| {
            let name = import.name.as_deref().unwrap_or("*");
            format!("{}{name}={}", if import.open { "+" } else { "" }, import.path.join("::"))
        });
        let expected = "+B=a::B +d=a::c +e=super::e +F=super::e::F g=crate::g I=crate::h::I \
                        h=crate::h *=crate::j l=self::super::k m=self::super::m n=n *=super";
        assert_eq!(told.collect::<Vec<_>>().join(" "), expected);
        assert!(found.paths.is_empty());
    }

    #[test]
    fn a_file_has_the_items_at_its_top() {
        let found = names(
            "pub(super) const fn a(b: type) {\n    fn c() {}\n}\nstruct D;\npub static mut E: u8 = 1;\n\
             impl F {\n    const G: u8 = 1;\n}\nmacro_rules! h {\nuse mod_i::j;\nlet x = 2;\nunsafe fn k() {}",
        );
        assert_eq!(found.own, ["a", "D", "E", "h", "k"]);
    }
}
