//! What a load found, for each URL and in sum.

use std::time::Duration;

/// One lap over all URLs, in the order in which they were given.
#[derive(Debug, Clone, Default)]
pub struct LoadReport {
    /// For each URL.
    pub urls: Vec<UrlReport>,
}

/// One lap over one URL.
#[derive(Debug, Clone, Default)]
pub struct UrlReport {
    /// As it was given.
    pub url: String,
    /// Requests that ended in this lap, well or not.
    pub requests: u64,
    /// Those that got no connection, no whole answer, or a status other than 200.
    pub failures: u64,
    /// The first few distinct error texts.
    pub errors: Vec<String>,
    /// The longest time between the last success before a failure and the first one after it.
    pub longest_outage: Duration,
    /// The slowest request that succeeded.
    pub slowest: Duration,
    /// The bodies in the order seen; the same one appears again if it came back.
    pub versions: Vec<String>,
}

impl LoadReport {
    /// All requests.
    pub fn requests(&self) -> u64 {
        self.urls.iter().map(|url| url.requests).sum()
    }

    /// All failures.
    pub fn failures(&self) -> u64 {
        self.urls.iter().map(|url| url.failures).sum()
    }

    /// The longest outage of any one URL.
    pub fn longest_outage(&self) -> Duration {
        self.urls.iter().map(|url| url.longest_outage).max().unwrap_or_default()
    }

    /// The first few errors, each with its URL.
    pub fn errors(&self) -> Vec<String> {
        let of = |url: &UrlReport| {
            url.errors.iter().map(|error| format!("{}: {error}", url.url)).collect::<Vec<_>>()
        };
        self.urls.iter().flat_map(of).collect()
    }
}
