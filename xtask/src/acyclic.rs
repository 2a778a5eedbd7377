//! No circles: the modules of a crate depend on each other in one direction. Seen are the paths that begin with `crate::`, for
//! the modules at the top of each crate.

use crate::cargo;
use crate::failure::{Failure, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Which module names which, and in which file.
type Uses = BTreeMap<String, BTreeMap<String, String>>;

/// Looks at all crates.
pub(crate) fn check() -> Result<()> {
    let crates = cargo::root().join("crates");
    let mut found = Vec::new();
    let mut names: Vec<_> = fs::read_dir(&crates)
        .map_err(Failure::on(&crates))?
        .filter_map(std::result::Result::ok)
        .collect();
    names.sort_by_key(std::fs::DirEntry::file_name);
    for folder in names {
        let mut uses = Uses::new();
        let source = folder.path().join("src");
        read(&source, &source, &mut uses)?;
        if let Some(circle) = circle(&uses) {
            found.push(format!(
                "{}: {}",
                folder.file_name().to_string_lossy(),
                told(&circle, &uses)
            ));
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    let hint = "move what both need to a module of its own, which needs neither";
    Err(Failure::new(format!("modules depend on each other in a circle\n{}", found.join("\n")))
        .hint(hint))
}

/// Reads the files of a folder.
fn read(folder: &Path, root: &Path, uses: &mut Uses) -> Result<()> {
    for entry in
        fs::read_dir(folder).map_err(Failure::on(folder))?.filter_map(std::result::Result::ok)
    {
        let path = entry.path();
        let inside = path.strip_prefix(root).unwrap_or(&path).with_extension("");
        let mut parts = inside.iter().map(|part| part.to_string_lossy().into_owned());
        let top = parts.next().unwrap_or_default();
        if path.is_dir() {
            read(&path, root, uses)?;
        } else if path.extension().is_some_and(|end| end == "rs")
            && !["lib", "main"].contains(&top.as_str())
            && inside.iter().all(|part| part != "tests")
        {
            let text = fs::read_to_string(&path).map_err(Failure::on(&path))?;
            let place = path.display().to_string();
            for named in named(&text).into_iter().filter(|named| *named != top) {
                uses.entry(top.clone()).or_default().entry(named).or_insert_with(|| place.clone());
            }
        }
    }
    Ok(())
}

/// The modules at the top of the crate that a file names, outside of its tests and comments.
fn named(text: &str) -> BTreeSet<String> {
    let code = text.split("\n#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
    let code: String = lines.flat_map(|line| [line, "\n"]).collect();
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            // The first word of each part of a group.
            Some(group) => {
                let end = group.find(';').unwrap_or(group.len());
                let mut depth = 0;
                let mut part = String::new();
                for c in group[..end].chars() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => {
                            found.extend(first_word(&part));
                            part.clear();
                        }
                        other => part.push(other),
                    }
                }
                found.extend(first_word(&part));
            }
            None => found.extend(first_word(rest)),
        }
    }
    found
}

fn first_word(text: &str) -> Option<String> {
    let word = text.trim_start();
    let end = word.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(word.len());
    (end > 0).then(|| word[..end].to_owned())
}

/// A circle, where there is one: each module names the next, and the last the first.
fn circle(uses: &Uses) -> Option<Vec<String>> {
    let mut done = BTreeSet::new();
    uses.keys().find_map(|start| walk(start, uses, &mut Vec::new(), &mut done))
}

fn walk(
    module: &str,
    uses: &Uses,
    way: &mut Vec<String>,
    done: &mut BTreeSet<String>,
) -> Option<Vec<String>> {
    if let Some(at) = way.iter().position(|passed| passed == module) {
        return Some(way[at..].to_vec());
    }
    if done.contains(module) {
        return None;
    }
    way.push(module.to_owned());
    let found = uses
        .get(module)
        .into_iter()
        .flat_map(BTreeMap::keys)
        .find_map(|next| walk(next, uses, way, done));
    way.pop();
    done.insert(module.to_owned());
    found
}

fn told(circle: &[String], uses: &Uses) -> String {
    let mut parts = Vec::new();
    for (at, from) in circle.iter().enumerate() {
        let to = &circle[(at + 1) % circle.len()];
        let place = uses.get(from).and_then(|named| named.get(to)).cloned().unwrap_or_default();
        parts.push(format!("{from} needs {to} ({place})"));
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_found_in_paths_and_groups() {
        let text = "use crate::a::B;\n// crate::no\nuse crate::{c, d::{E, F}, g};\nlet x = crate::h::i();\n\
                    use my_crate::z;\n#[cfg(test)]\nmod tests { use crate::t; }";
        let found = named(text);
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["a", "c", "d", "g", "h"]);
    }

    #[test]
    fn a_circle_is_found_wherever_the_way_to_it_begins() {
        let uses = |pairs: &[(&str, &str)]| {
            let mut uses = Uses::new();
            for (from, to) in pairs {
                uses.entry((*from).to_owned()).or_default().insert((*to).to_owned(), String::new());
            }
            uses
        };
        assert_eq!(circle(&uses(&[("a", "b"), ("a", "c"), ("b", "c")])), None);
        let found = circle(&uses(&[("a", "b"), ("b", "c"), ("c", "d"), ("d", "b")]));
        assert_eq!(found.unwrap(), ["b", "c", "d"]);
    }
}
