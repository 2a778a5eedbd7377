//! How long a file may keep the machine busy: it says itself how many rounds each of its keys takes.

use der::Tag;

use super::failure::Failure;

/// The most rounds that all keys of a file take together: seconds. OpenSSL writes 2048 for each key, Java 10 000.
const MOST: u32 = 10_000_000;

/// The rounds that a file may still ask for.
pub(super) struct Rounds {
    left: u32,
}

impl Rounds {
    /// Those of a whole file.
    pub(super) fn of_a_file() -> Self {
        Self { left: MOST }
    }

    #[cfg(test)]
    pub(super) fn with(left: u32) -> Self {
        Self { left }
    }

    /// Takes as many as a key asks for.
    pub(super) fn take(&mut self, asked: i64) -> Result<u32, Failure> {
        let asked = match u32::try_from(asked) {
            Ok(asked) if asked > 0 => asked,
            Err(_) if asked > 0 => return Err(Failure::Rounds(MOST)),
            _ => return Err(Failure::Damaged(Tag::Integer.value_error().into())),
        };
        self.left = self.left.checked_sub(asked).ok_or(Failure::Rounds(MOST))?;
        Ok(asked)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn all_keys_of_a_file_share_its_rounds() {
        let mut rounds = Rounds::of_a_file();
        assert_eq!(rounds.take(i64::from(MOST) - 1).unwrap(), MOST - 1);
        assert_eq!(rounds.take(1).unwrap(), 1);
        assert!(matches!(rounds.take(1), Err(Failure::Rounds(MOST))));
    }

    #[test]
    fn none_less_than_none_and_far_too_many_are_refused() {
        for asked in [0, -1, i64::from(i32::MIN)] {
            assert!(matches!(Rounds::of_a_file().take(asked), Err(Failure::Damaged(_))));
        }
        for asked in [i64::from(MOST) + 1, i64::from(u32::MAX) + 1] {
            assert!(matches!(Rounds::of_a_file().take(asked), Err(Failure::Rounds(MOST))));
        }
    }
}
