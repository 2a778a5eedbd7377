//! The text of a file as code alone.

const TEST: &str = "#[cfg(test)]";

/// The text without its comments, without what its strings say, and without what is behind `#[cfg(test)]`.
pub(super) fn code(text: &str) -> String {
    let bare = bare(text);
    let mut code = String::new();
    let mut rest = bare.as_str();
    while let Some((before, behind)) = rest.split_once(TEST) {
        code.push_str(before);
        rest = behind_item(behind);
    }
    code + rest
}

pub(super) fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// How long the word is with which a text begins.
pub(super) fn word(text: &str) -> usize {
    text.find(|c| !is_of_word(c)).unwrap_or(text.len())
}

/// What follows the item with which a text begins: one line, or all up to its closing brace.
fn behind_item(text: &str) -> &str {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => return &text[at..],
            ')' | ']' => depth -= 1,
            '}' if depth == 1 => return &text[at + 1..],
            '}' => depth -= 1,
            ';' if depth == 0 => return &text[at + 1..],
            _ => {}
        }
    }
    ""
}

/// The text without its comments and without what its strings say.
fn bare(text: &str) -> String {
    let mut bare = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let word = word(rest);
        let (length, kept) = if word > 0 {
            (word + raw_string(&rest[..word], &rest[word..]), &rest[..word])
        } else if rest.starts_with("//") {
            (rest.find('\n').unwrap_or(rest.len()), "")
        } else if rest.starts_with("/*") {
            (comment(rest), " ")
        } else if c == '"' {
            (string(rest), "\"\"")
        } else {
            let length = character(rest).unwrap_or(c.len_utf8());
            (length, if c == '\'' { "'" } else { &rest[..length] })
        };
        bare.push_str(kept);
        rest = &rest[length..];
    }
    bare
}

/// How long the comment is with which a text begins; there may be others in it.
fn comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// How long the string is with which a text begins.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// How long the raw string is that a word begins; 0 where it begins none.
fn raw_string(word: &str, text: &str) -> usize {
    let hashes = text.len() - text.trim_start_matches('#').len();
    if !["r", "br", "cr"].contains(&word) || !text[hashes..].starts_with('"') {
        return 0;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let inside = &text[hashes + 1..];
    inside.find(&end).map_or(text.len(), |at| hashes + 1 + at + end.len())
}

/// How long the character in quotes is with which a text begins; `None` where it is a lifetime.
fn character(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('\'')?;
    let mut characters = inside.char_indices();
    let (_, first) = characters.next()?;
    if first == '\\' {
        // What is escaped may be a quote.
        characters.next();
    }
    let end = if first == '\\' { characters.find(|(_, c)| *c == '\'') } else { characters.next() };
    end.filter(|(_, c)| *c == '\'').map(|(at, _)| at + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_words_in_strings_are_left_out() {
        let text = "a(\"http://x\", b); // c\n/* d /* e */ f */ g\n\"\\\"h // \\\\\" i";
        assert_eq!(code(text), "a(\"\", b); \n  g\n\"\" i");
        let text = "a(r\"\\\", b); c(br#\"d\" // \"#, e) r#type /* f";
        assert_eq!(code(text), "a(r, b); c(br, e) r#type  ");
        assert_eq!(code("'\"' 'a' '\\'' '\\u{2f}' '/' // b"), "' ' ' ' ' ");
        assert_eq!(code("&'a str, <'_> 'b: loop // c"), "&'a str, <'_> 'b: loop ");
    }

    #[test]
    fn only_the_item_behind_the_attribute_is_left_out() {
        let text = "a;\n#[cfg(test)]\nmod tests;\nb;\n#[cfg(test)]\n#[allow(c)]\nmod tests {\n\
                    fn d() { \"}\" }\n#[cfg(test)]\nuse e;\n}\nf;\n#[cfg(test)]\nfn g(h: [u8; 2]) { i; }\nj";
        let words = code(text);
        assert_eq!(words.split_whitespace().collect::<Vec<_>>(), ["a;", "b;", "f;", "j"]);
        assert_eq!(code("A { a: 1, #[cfg(test)] b: 2 }; c"), "A { a: 1, }; c");
        assert_eq!(code("a #[cfg(test)]\nmod tests { b"), "a ");
    }
}
