//! What a test program said of its tests.

const LONG: &str = " has been running for over ";
const ENDLESS: &str = " (did not end)";

fn bare(name: &str) -> &str {
    name.strip_suffix(ENDLESS).unwrap_or(name)
}

/// Counts, and the names of what failed.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) passed: usize,
    pub(super) failed: Vec<String>,
    pub(super) left_out: Vec<String>,
    /// What failed in a whole run, and passed when it was run again.
    pub(super) again: Vec<String>,
}

impl Outcome {
    /// Reads the output of a test program. What has run for long and did not end has failed.
    pub(super) fn read(text: &str) -> Self {
        let mut outcome = Self::default();
        let mut long = Vec::new();
        for line in text.lines() {
            let name = line.strip_prefix("test ").and_then(|rest| rest.split_once(LONG));
            if let Some((name, _)) = name {
                long.push(name);
            }
            if let Some((name, end)) =
                line.strip_prefix("test ").and_then(|rest| rest.rsplit_once(" ... "))
            {
                long.retain(|known| *known != name);
                match end {
                    "ok" => outcome.passed += 1,
                    "FAILED" => outcome.failed.push(name.to_owned()),
                    _ => outcome.left_out.push(name.to_owned()),
                }
            }
        }
        outcome.failed.extend(long.into_iter().map(|name| format!("{name}{ENDLESS}")));
        outcome
    }

    pub(super) fn and(mut self, other: Self) -> Self {
        self.passed += other.passed;
        self.left_out.extend(other.left_out);
        self.failed.extend(other.failed);
        self.again.extend(other.again);
        self
    }

    /// What is known after those that had failed were run again.
    pub(super) fn again(mut self, second: &Self) -> Self {
        let before = std::mem::take(&mut self.failed);
        let (failed, passed) = before
            .into_iter()
            .partition(|name| second.failed.iter().any(|other| bare(other) == bare(name)));
        self.failed = failed;
        self.passed += second.passed;
        self.again.extend(Vec::into_iter(passed).map(|name| bare(&name).to_owned()));
        self
    }

    /// The names of what has failed, as a test program takes them.
    pub(super) fn to_run_again(&self) -> Vec<&str> {
        self.failed.iter().map(|name| bare(name)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_output_of_a_test_program_is_counted() {
        let text = "running 4 tests\ntest a::b ... ok\ntest a::c ... FAILED\n\
                    test d - should panic ... ok\ntest e ... ignored, a reason\n\n\
                    test result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 12 filtered out; finished in 1s\n";
        let expected = Outcome {
            passed: 2,
            failed: vec!["a::c".into()],
            left_out: vec!["e".into()],
            ..Outcome::default()
        };
        assert_eq!(Outcome::read(text), expected);
        assert_eq!(Outcome::read("nothing"), Outcome::default());
    }

    #[test]
    fn what_does_not_end_has_failed() {
        let text = "test a has been running for over 60 seconds\n\
                    test b has been running for over 60 seconds\ntest a ... ok\n";
        let failed = vec!["b (did not end)".to_owned()];
        assert_eq!(Outcome::read(text), Outcome { passed: 1, failed, ..Outcome::default() });
    }

    #[test]
    fn what_passes_the_second_time_has_not_failed() {
        let failed = ["a::b", "a::c (did not end)", "a::d"].map(str::to_owned).to_vec();
        let first = Outcome { passed: 5, failed, ..Outcome::default() };
        assert_eq!(first.to_run_again(), ["a::b", "a::c", "a::d"]);
        let second = Outcome { passed: 2, failed: vec!["a::d".into()], ..Outcome::default() };
        let both = first.again(&second);
        assert_eq!((both.passed, both.failed), (7, vec!["a::d".to_owned()]));
        assert_eq!(both.again, ["a::b", "a::c"]);
    }
}
