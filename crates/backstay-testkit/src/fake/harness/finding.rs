//! What did not end as it should.

use std::collections::BTreeMap;
use std::fmt;

use crate::tally::{Case, Tally};

/// One run that did not end as it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which scenario.
    pub scenario: String,
    /// Which faults, in words: `CrashAfter at 12 engine.start shop-web-1`.
    pub faults: String,
    /// What is wrong, one line each.
    pub problems: Vec<String>,
}

/// All of them, and how many cases there were.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// What did not end as it should.
    pub found: Vec<Finding>,
    tally: Tally,
}

impl Findings {
    /// Adds one, if there is a problem.
    pub fn add(&mut self, scenario: &str, faults: &str, problems: Vec<String>) {
        if !problems.is_empty() {
            let (scenario, faults) = (scenario.to_owned(), faults.to_owned());
            self.found.push(Finding { scenario, faults, problems });
        }
    }

    /// Counts a case of this kind, once for each fault that comes to the same, and keeps what is wrong with it.
    pub(super) fn close(
        &mut self,
        kind: &str,
        times: usize,
        scenario: &str,
        faults: &str,
        case: Case,
    ) {
        for _ in 0..times {
            self.tally.count(kind, &case);
        }
        self.add(scenario, faults, case.problems);
    }

    /// How many cases were counted.
    #[must_use]
    pub fn cases(&self) -> usize {
        self.tally.0.values().map(|counts| counts.cases).sum()
    }

    /// Fails the test, with one example for each problem. Leaves the tally where it is asked for.
    ///
    /// # Panics
    /// When there is a finding.
    pub fn assert_none(&self) {
        self.tally.leave();
        assert!(self.found.is_empty(), "{self}");
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{} runs did not end as they should", self.found.len())?;
        let mut groups: BTreeMap<Vec<String>, Vec<&Finding>> = BTreeMap::new();
        for finding in &self.found {
            let alike = finding.problems.iter().map(|problem| without_numbers(problem)).collect();
            groups.entry(alike).or_default().push(finding);
        }
        for findings in groups.values() {
            let first = findings[0];
            let problems = &first.problems;
            writeln!(out, "\n{}: {} ({} alike)", first.scenario, first.faults, findings.len())?;
            for other in findings.iter().skip(1).take(3) {
                writeln!(out, "  also {}", other.faults)?;
            }
            for problem in problems {
                writeln!(out, "    {problem}")?;
            }
        }
        Ok(())
    }
}

fn without_numbers(text: &str) -> String {
    text.replace(|c: char| c.is_ascii_hexdigit(), "")
}
