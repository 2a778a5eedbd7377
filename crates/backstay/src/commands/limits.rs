//! Values of arguments that several verbs share.

use std::time::Duration;

use backstay_core::release::Retention;
use backstay_core::stack::parse_duration;
use clap::Args;

/// `--keep-days` and `--keep-last`.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Keep {
    /// Remove backups older than this many days, instead of `x-backstay.retention`; 7 where nothing is said
    #[arg(long, value_name = "N")]
    keep_days: Option<u32>,

    /// Keep at most this many backups
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    keep_last: Option<u32>,
}

impl Keep {
    /// The rules, where one is given: they stand alone, without those of the stack.
    pub(crate) fn retention(self) -> Option<Retention> {
        let keep_last = self.keep_last.map(|last| usize::try_from(last).unwrap_or(usize::MAX));
        let keep_days = self.keep_days;
        (keep_days.is_some() || keep_last.is_some()).then_some(Retention { keep_days, keep_last })
    }
}

/// A duration as Compose writes it: `5s`, `1m30s`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    // What is wrong with it is said in the reader's language, from the kind of clap's error.
    parse_duration(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_is_given_stands_alone() {
        let keep = |keep_days, keep_last| Keep { keep_days, keep_last }.retention();
        assert_eq!(keep(None, None), None);
        assert_eq!(keep(None, Some(3)), Some(Retention { keep_days: None, keep_last: Some(3) }));
        assert_eq!(
            keep(Some(30), Some(3)),
            Some(Retention { keep_days: Some(30), keep_last: Some(3) })
        );
    }
}
