//! What the tests counted: a JSON object a line, in the files of a folder.

use crate::failure::{Failure, Result};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A kind of fault.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Row {
    pub(super) kind: String,
    pub(super) cases: u64,
    pub(super) old: u64,
    pub(super) new: u64,
    pub(super) stuck: u64,
    pub(super) lost: u64,
    pub(super) longest_ms: u64,
}

impl Row {
    pub(super) fn named(kind: &str) -> Self {
        Self { kind: kind.to_owned(), ..Self::default() }
    }

    /// Both of them, under this one's name.
    pub(super) fn and(self, other: &Self) -> Self {
        Self {
            cases: self.cases + other.cases,
            old: self.old + other.old,
            new: self.new + other.new,
            stuck: self.stuck + other.stuck,
            lost: self.lost + other.lost,
            longest_ms: self.longest_ms.max(other.longest_ms),
            kind: self.kind,
        }
    }

    pub(super) fn cells(&self) -> Vec<String> {
        let counts = [self.cases, self.old, self.new, self.stuck, self.lost];
        let seconds = format!("{}.{} s", self.longest_ms / 1000, self.longest_ms % 1000 / 100);
        let counts = counts.into_iter().map(|count| count.to_string());
        std::iter::once(self.kind.clone()).chain(counts).chain([seconds]).collect()
    }
}

/// Adds up all files of the folder, kind by kind.
pub(super) fn read(folder: &Path) -> Result<Vec<Row>> {
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(Failure::on(folder))? {
        let path = entry.map_err(Failure::on(folder))?.path();
        let text = fs::read_to_string(&path).map_err(Failure::on(&path))?;
        for line in text.lines() {
            let row = parse(line)
                .ok_or_else(|| Failure::new(format!("{}: no tally: {line}", path.display())))?;
            let before = rows.remove(&row.kind).unwrap_or_else(|| Row::named(&row.kind));
            rows.insert(row.kind.clone(), before.and(&row));
        }
    }
    Ok(rows.into_values().collect())
}

fn parse(line: &str) -> Option<Row> {
    let value: Value = serde_json::from_str(line).ok()?;
    let number = |name: &str| value[name].as_u64();
    Some(Row {
        kind: value["kind"].as_str()?.to_owned(),
        cases: number("cases")?,
        old: number("old")?,
        new: number("new")?,
        stuck: number("stuck")?,
        lost: number("lost")?,
        longest_ms: number("longest_ms")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_kind_are_added_up() {
        let line = |cases: u64, longest: u64| {
            format!(
                "{{\"kind\":\"killed\",\"cases\":{cases},\"old\":1,\"new\":2,\"stuck\":0,\"lost\":0,\
                 \"longest_ms\":{longest}}}"
            )
        };
        let one = parse(&line(3, 1200)).expect("a row");
        let both = one.clone().and(&parse(&line(4, 900)).expect("a row"));
        assert_eq!(both.cells(), ["killed", "7", "2", "4", "0", "0", "1.2 s"]);
        assert_eq!(parse("{\"kind\":\"killed\"}"), None);
    }
}
