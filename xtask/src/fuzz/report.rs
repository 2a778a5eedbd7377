//! What came of the runs.

use crate::table;
use std::path::PathBuf;

/// One target's run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) target: String,
    pub(super) runs: u64,
    pub(super) seconds: u64,
    /// How many inputs were found that go new ways.
    pub(super) new: usize,
    /// The input that broke a promise, and how.
    pub(super) crash: Option<(PathBuf, String)>,
}

/// The table of all runs.
pub(super) fn render(rows: &[Row]) -> String {
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let counts = [row.runs, row.seconds, row.new as u64, u64::from(row.crash.is_some())];
            let counts = counts.into_iter().map(|count| count.to_string());
            std::iter::once(row.target.clone()).chain(counts).collect()
        })
        .collect();
    table::render(&["target", "runs", "seconds", "new entries", "crashes"], &cells, 1)
}

/// How many inputs the fuzzer says that it tried.
pub(super) fn runs(said: &str) -> u64 {
    let count = said.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    let begun = || said.lines().rev().find_map(|line| line.strip_prefix('#')?.split_once('\t'));
    let text = count.or_else(|| begun().map(|(count, _)| count));
    text.and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

/// The part of what it said that tells why it failed.
pub(super) fn reason(said: &str) -> String {
    let starts = |line: &&str| line.contains("panicked at") || line.contains("ERROR: libFuzzer");
    let from = said.lines().skip_while(|line| !starts(line));
    let until =
        from.take_while(|line| !line.starts_with("stack backtrace") && !line.contains("#0 "));
    until.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fuzzers_words_are_read() {
        let said = "#2\tINITED cov: 3\n#77\tDONE   cov: 3\nstat::number_of_executed_units: 80\n";
        assert_eq!(runs(said), 80);
        assert_eq!(runs("#2\tINITED\n#64\tNEW    cov: 5\n"), 64);
        assert_eq!(runs("nothing"), 0);
        let said = "#2\tINITED\n\nthread '<unnamed>' panicked at a.rs:7:9:\nit is so\nstack backtrace:\n0: x\n";
        assert_eq!(reason(said), "thread '<unnamed>' panicked at a.rs:7:9:\nit is so");
    }

    #[test]
    fn a_crash_is_counted() {
        let crash = Some((PathBuf::from("x"), String::new()));
        let row = Row { target: "model".into(), runs: 12, seconds: 2, new: 3, crash };
        assert!(render(&[row]).ends_with("| model  |   12 |       2 |           3 |       1 |\n"));
    }
}
