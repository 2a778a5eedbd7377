//! Lists of names: a handful in full, of more the first ones and how many more there are.

use super::Wording;
use crate::i18n::{Language, t};
use crate::ui::clean;

/// How many names of a long list are told.
const HANDFUL: usize = 5;

/// The names as one text. One name more than a handful is told rather than counted.
pub(super) fn names(wording: &Wording, names: &[String]) -> String {
    if wording.verbose { all(names) } else { some(wording.lang, names) }
}

/// The same without `--verbose`.
pub(super) fn some(lang: Language, names: &[String]) -> String {
    if !is_long(names.len()) {
        return all(names);
    }
    let (first, rest) = names.split_at(HANDFUL);
    t!(lang, "names-and-more", names = all(first), count = rest.len())
}

/// Each name for a line of its own; more than a handful together, for one line.
pub(super) fn apart(wording: &Wording, all: &[String]) -> Vec<String> {
    if wording.verbose || !is_long(all.len()) {
        return all.to_vec();
    }
    vec![some(wording.lang, all)]
}

/// Whether a list of this length is cut.
pub(super) const fn is_long(length: usize) -> bool {
    length > HANDFUL + 1
}

/// The first lines of many, and one that says how many more there are.
pub(super) fn lines(wording: &Wording, indent: &str, mut lines: Vec<String>) -> Vec<String> {
    if !wording.verbose && is_long(lines.len()) {
        let count = lines.len() - HANDFUL;
        lines.truncate(HANDFUL);
        lines.push(format!("{indent}{}", t!(wording.lang, "lines-more", count = count)));
    }
    lines
}

fn all(names: &[String]) -> String {
    names.iter().map(|name| clean::line(name)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(length: usize) -> Vec<String> {
        (1..=length).map(|number| format!("s{number}")).collect()
    }

    #[test]
    fn one_more_than_a_handful_is_told_rather_than_counted() {
        assert_eq!(some(Language::English, &list(6)), "s1, s2, s3, s4, s5, s6");
        assert_eq!(some(Language::English, &list(7)), "s1, s2, s3, s4, s5 and 2 more");
        assert_eq!(some(Language::Chinese, &list(66)), "s1, s2, s3, s4, s5 以及另外 61 个");
    }
}
