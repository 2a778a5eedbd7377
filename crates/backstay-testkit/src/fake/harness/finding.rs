//! What did not end as it should.

use std::collections::BTreeMap;
use std::fmt;

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

/// All of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings(pub Vec<Finding>);

impl Findings {
    /// Adds one, if there is a problem.
    pub fn add(&mut self, scenario: &str, faults: &str, problems: Vec<String>) {
        if !problems.is_empty() {
            let (scenario, faults) = (scenario.to_owned(), faults.to_owned());
            self.0.push(Finding { scenario, faults, problems });
        }
    }

    /// Fails the test, with one example for each problem.
    ///
    /// # Panics
    /// When there is a finding.
    pub fn assert_none(&self) {
        assert!(self.0.is_empty(), "{self}");
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{} runs did not end as they should", self.0.len())?;
        let mut groups: BTreeMap<Vec<String>, Vec<&Finding>> = BTreeMap::new();
        for finding in &self.0 {
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
