//! What a test program said of its tests.

const LONG: &str = " has been running for over ";

/// Counts, and the names of what failed.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) passed: usize,
    pub(super) failed: Vec<String>,
    pub(super) left_out: Vec<String>,
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
        outcome.failed.extend(long.into_iter().map(|name| format!("{name} (did not end)")));
        outcome
    }

    pub(super) fn and(mut self, other: Self) -> Self {
        self.passed += other.passed;
        self.left_out.extend(other.left_out);
        self.failed.extend(other.failed);
        self
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
        let expected =
            Outcome { passed: 2, failed: vec!["a::c".into()], left_out: vec!["e".into()] };
        assert_eq!(Outcome::read(text), expected);
        assert_eq!(Outcome::read("nothing"), Outcome::default());
    }

    #[test]
    fn what_does_not_end_has_failed() {
        let text = "test a has been running for over 60 seconds\n\
                    test b has been running for over 60 seconds\ntest a ... ok\n";
        let failed = vec!["b (did not end)".to_owned()];
        assert_eq!(Outcome::read(text), Outcome { passed: 1, failed, left_out: Vec::new() });
    }
}
