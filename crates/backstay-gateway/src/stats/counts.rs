//! The numbers of one target, or of what never came to one.

use super::histogram::Histogram;
use backstay_routes::{Counters, Errors, Statuses};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// What can go wrong on the way to a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Problem {
    Connect,
    Reset,
    NoTarget,
    HeldTooLong,
    OverLimit,
    Cut,
    ClientGone,
}

const PROBLEMS: usize = Problem::ClientGone as usize + 1;

/// Counters of all kinds. They only grow.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub requests: AtomicU64,
    pub streams: AtomicU64,
    pub bytes_in: AtomicU64,
    pub bytes_out: AtomicU64,
    classes: [AtomicU64; 5],
    problems: [AtomicU64; PROBLEMS],
    times: Histogram,
}

impl Counts {
    /// An answer came from the service.
    pub(crate) fn answered(&self, status: u16, took: Duration) {
        let class = usize::from(status / 100).clamp(1, 5) - 1;
        self.classes[class].fetch_add(1, Relaxed);
        self.times.record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }

    pub(crate) fn went_wrong(&self, problem: Problem) {
        self.problems[problem as usize].fetch_add(1, Relaxed);
    }

    /// Adds another one's numbers.
    pub(crate) fn absorb(&self, other: &Self) {
        let add = |own: &AtomicU64, other: &AtomicU64| {
            own.fetch_add(other.load(Relaxed), Relaxed);
        };
        add(&self.requests, &other.requests);
        add(&self.streams, &other.streams);
        add(&self.bytes_in, &other.bytes_in);
        add(&self.bytes_out, &other.bytes_out);
        self.classes.iter().zip(&other.classes).for_each(|(own, other)| add(own, other));
        self.problems.iter().zip(&other.problems).for_each(|(own, other)| add(own, other));
        self.times.absorb(&other.times);
    }

    /// The numbers as they are told. What is under way is not counted here.
    pub(crate) fn told(&self) -> Counters {
        let class = |index: usize| self.classes[index].load(Relaxed);
        let problem = |problem: Problem| self.problems[problem as usize].load(Relaxed);
        Counters {
            requests: self.requests.load(Relaxed),
            requests_now: 0,
            streams: self.streams.load(Relaxed),
            streams_now: 0,
            statuses: Statuses {
                informational: class(0),
                success: class(1),
                redirection: class(2),
                client_error: class(3),
                server_error: class(4),
            },
            errors: Errors {
                connect: problem(Problem::Connect),
                reset: problem(Problem::Reset),
                no_target: problem(Problem::NoTarget),
                held_too_long: problem(Problem::HeldTooLong),
                over_limit: problem(Problem::OverLimit),
                cut: problem(Problem::Cut),
                client_gone: problem(Problem::ClientGone),
            },
            p50_us: self.times.quantile(500),
            p99_us: self.times.quantile(990),
            bytes_in: self.bytes_in.load(Relaxed),
            bytes_out: self.bytes_out.load(Relaxed),
        }
    }
}
