//! Finding a circle.

use std::collections::{BTreeMap, BTreeSet};

/// Which module names which, and in which file.
pub(super) type Uses = BTreeMap<String, BTreeMap<String, String>>;

/// A circle, where there is one: each module names the next, and the last the first.
pub(super) fn circle(uses: &Uses) -> Option<Vec<String>> {
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

/// In words.
pub(super) fn told(circle: &[String], uses: &Uses) -> String {
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
