//! Values of arguments that several verbs share.

use std::time::Duration;

use backstay_core::ops::deploy::DeployOptions;
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

/// How images are made.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Making {
    /// Do not build; use the images that are there
    #[arg(long, conflicts_with_all = ["no_cache"])]
    no_build: bool,

    /// Build without the cache
    #[arg(long)]
    no_cache: bool,

    /// Pull newer images, also the base images of builds
    #[arg(long)]
    pull: bool,
}

/// How new containers are proven.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Proving {
    /// How long a service may take to be ready, `90s` or `1m30s`; otherwise its healthcheck decides
    #[arg(long, value_name = "DURATION", value_parser = some_time)]
    wait_timeout: Option<Duration>,

    /// Do not prove services with host ports beside the running ones first
    #[arg(long)]
    no_rehearsal: bool,
}

impl Proving {
    /// How long each service may take to be ready.
    pub(crate) const fn wait_timeout(self) -> Option<Duration> {
        self.wait_timeout
    }

    /// Whether new containers are proven before the first old one is touched.
    pub(crate) const fn rehearsal(self) -> bool {
        !self.no_rehearsal
    }
}

/// How to deploy with these.
pub(crate) fn options(making: Making, proving: Proving, keep: Keep) -> DeployOptions {
    DeployOptions {
        build: !making.no_build,
        no_cache: making.no_cache,
        pull: making.pull,
        wait_timeout: proving.wait_timeout(),
        rehearsal: proving.rehearsal(),
        retention: keep.retention(),
        ..DeployOptions::default()
    }
}

/// A duration that is longer than nothing.
fn some_time(text: &str) -> Result<Duration, String> {
    duration(text).and_then(|time| if time.is_zero() { Err(text.to_owned()) } else { Ok(time) })
}

/// A duration as Compose writes it: `5s`, `1m30s`; a number alone is seconds.
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
