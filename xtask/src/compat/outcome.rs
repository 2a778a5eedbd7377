//! What a test program said of its tests.

/// Counts, and the names of what failed.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) passed: usize,
    pub(super) failed: Vec<String>,
    pub(super) left_out: Vec<String>,
}

impl Outcome {
    /// Reads the output of a test program.
    pub(super) fn read(text: &str) -> Self {
        let mut outcome = Self::default();
        for line in text.lines() {
            if let Some((name, end)) =
                line.strip_prefix("test ").and_then(|rest| rest.rsplit_once(" ... "))
            {
                match end {
                    "ok" => outcome.passed += 1,
                    "FAILED" => outcome.failed.push(name.to_owned()),
                    _ => outcome.left_out.push(name.to_owned()),
                }
            }
        }
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
}
