//! Counting one URL's answers.

use super::report::UrlReport;
use std::mem;
use std::time::{Duration, Instant};

const MAX_ERRORS: usize = 5;
/// Two releases that answer in turn change with every request; the first changes tell enough.
const MAX_VERSIONS: usize = 100;

#[derive(Debug, Default)]
pub(super) struct Tally {
    report: UrlReport,
    last_success: Option<Instant>,
    /// Since when nothing has succeeded, while there has been a failure.
    down_since: Option<Instant>,
}

impl Tally {
    pub(super) fn record(
        &mut self,
        began: Instant,
        ended: Instant,
        answer: Result<String, String>,
    ) {
        self.report.requests += 1;
        match answer {
            Ok(body) => self.succeeded(ended, ended - began, body.trim_end().to_owned()),
            Err(error) => self.failed(began, error),
        }
    }

    /// The counts of this lap so far.
    pub(super) fn report(&self) -> &UrlReport {
        &self.report
    }

    /// Hands the counts over and begins new ones.
    pub(super) fn lap(&mut self, url: &str, now: Instant) -> UrlReport {
        if let Some(since) = self.down_since {
            self.was_down(now - since);
        }
        UrlReport { url: url.to_owned(), ..mem::take(&mut self.report) }
    }

    fn succeeded(&mut self, at: Instant, took: Duration, body: String) {
        if let Some(since) = self.down_since.take() {
            self.was_down(at - since);
        }
        self.last_success = Some(at);
        self.report.slowest = self.report.slowest.max(took);
        let versions = &mut self.report.versions;
        if versions.last() != Some(&body) && versions.len() < MAX_VERSIONS {
            versions.push(body);
        }
    }

    fn failed(&mut self, began: Instant, error: String) {
        self.report.failures += 1;
        self.down_since.get_or_insert(self.last_success.unwrap_or(began));
        let errors = &mut self.report.errors;
        if errors.len() < MAX_ERRORS && !errors.contains(&error) {
            errors.push(error);
        }
    }

    fn was_down(&mut self, outage: Duration) {
        self.report.longest_outage = self.report.longest_outage.max(outage);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Requests that began at the first and ended at the second millisecond.
    fn tally(script: &[(u64, u64, Result<&str, &str>)]) -> (Tally, Instant) {
        let (mut tally, zero) = (Tally::default(), Instant::now());
        let at = |ms| zero + Duration::from_millis(ms);
        for (began, ended, answer) in script {
            let answer = answer.map(str::to_owned).map_err(str::to_owned);
            tally.record(at(*began), at(*ended), answer);
        }
        (tally, zero)
    }

    #[test]
    fn an_outage_is_the_time_between_two_successes() {
        let script =
            [(0, 10, Ok("v1\n")), (20, 30, Err("no")), (40, 50, Err("no")), (60, 70, Ok("v2"))];
        let (mut tally, zero) = tally(&script);
        let report = tally.lap("u", zero + Duration::from_millis(100));
        assert_eq!((report.requests, report.failures), (4, 2));
        assert_eq!(report.longest_outage, Duration::from_millis(60));
        assert_eq!(report.errors, ["no"]);
        assert_eq!(report.versions, ["v1", "v2"]);
    }

    #[test]
    fn an_outage_that_goes_on_is_counted_in_every_lap() {
        let (mut tally, zero) = tally(&[(0, 10, Ok("v1")), (20, 30, Err("no"))]);
        let at = |ms| zero + Duration::from_millis(ms);
        assert_eq!(tally.lap("u", at(40)).longest_outage, Duration::from_millis(30));
        tally.record(at(90), at(110), Ok("v1".into()));
        assert_eq!(tally.lap("u", at(120)).longest_outage, Duration::from_millis(100));
        assert_eq!(tally.lap("u", at(130)).longest_outage, Duration::ZERO);
    }

    #[test]
    fn slow_is_no_outage() {
        let (mut tally, zero) = tally(&[(0, 10, Ok("v1")), (20, 1900, Ok("v1"))]);
        let report = tally.lap("u", zero + Duration::from_secs(2));
        assert_eq!(report.longest_outage, Duration::ZERO);
        assert_eq!(report.slowest, Duration::from_millis(1880));
    }
}
