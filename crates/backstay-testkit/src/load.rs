//! A constant load of requests, and what it cost whoever sent them.
//!
//! Every request is a new connection, as from a new visitor: a kept-alive one would not notice
//! that a port is closed for a moment.

mod report;
mod tally;

pub use report::{LoadReport, UrlReport};

use crate::app::Target;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tally::Tally;

/// How hard and how long to ask.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// Threads for each URL.
    pub workers: usize,
    /// What a worker waits between an answer and its next request.
    pub pause: Duration,
    /// What a request may take, from connecting to the last byte.
    pub timeout: Duration,
    /// The load ends by itself after this long, so that a forgotten one does no harm.
    pub limit: Duration,
}

impl Default for Rate {
    fn default() -> Self {
        Self {
            workers: 1,
            pause: Duration::from_millis(5),
            timeout: Duration::from_secs(2),
            limit: Duration::from_secs(600),
        }
    }
}

/// Running load. Dropping it ends it.
#[derive(Debug)]
pub struct Load {
    ending: Arc<AtomicBool>,
    urls: Vec<Watched>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Debug, Clone)]
struct Watched {
    url: String,
    target: Target,
    tally: Arc<Mutex<Tally>>,
}

impl Load {
    /// Asks each URL constantly from `workers` threads, with the default pause and limits.
    ///
    /// # Errors
    /// A URL that can't be understood or looked up.
    pub fn start<U: AsRef<str>>(urls: &[U], workers: usize) -> io::Result<Self> {
        Self::start_at(urls, Rate { workers, ..Rate::default() })
    }

    /// Asks each URL constantly, at this rate.
    ///
    /// # Errors
    /// A URL that can't be understood or looked up.
    pub fn start_at<U: AsRef<str>>(urls: &[U], rate: Rate) -> io::Result<Self> {
        let watched = |url: &U| {
            let url = url.as_ref().to_owned();
            let target = Target::resolve(&url)?;
            Ok(Watched { url, target, tally: Arc::default() })
        };
        let urls: Vec<Watched> = urls.iter().map(watched).collect::<io::Result<_>>()?;
        let ending = Arc::new(AtomicBool::new(false));
        let mut threads = Vec::new();
        for watched in &urls {
            for _ in 0..rate.workers {
                let (watched, ending) = (watched.clone(), Arc::clone(&ending));
                threads.push(thread::spawn(move || watched.ask(&ending, rate)));
            }
        }
        Ok(Self { ending, urls, threads })
    }

    /// What happened since the last lap (or the start). An outage that goes on is counted to
    /// now, and goes on counting in the next lap.
    pub fn lap(&self) -> LoadReport {
        let now = Instant::now();
        let reports = self.urls.iter().map(|watched| watched.lock().lap(&watched.url, now));
        LoadReport { urls: reports.collect() }
    }

    /// Whether something has been seen in this lap on every URL: for waiting until it has.
    pub fn peek(&self, seen: impl Fn(&UrlReport) -> bool) -> bool {
        self.urls.iter().all(|watched| seen(watched.lock().report()))
    }

    /// Ends the load, lets the requests in flight end, and says what happened since the last lap.
    pub fn stop(mut self) -> LoadReport {
        self.end();
        self.lap()
    }

    fn end(&mut self) {
        self.ending.store(true, Ordering::SeqCst);
        for thread in self.threads.drain(..) {
            thread.thread().unpark();
            // A worker that panicked has nothing more to say; its tally is still there.
            let _ = thread.join();
        }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.end();
    }
}

impl Watched {
    fn ask(&self, ending: &AtomicBool, rate: Rate) {
        let last = Instant::now() + rate.limit;
        while !ending.load(Ordering::SeqCst) && Instant::now() < last {
            let began = Instant::now();
            let answer = match self.target.get(rate.timeout) {
                Ok(answer) if answer.status == 200 => Ok(answer.body),
                Ok(answer) => Err(format!("{} {}", answer.status, answer.body.trim_end())),
                Err(e) => Err(e.to_string()),
            };
            self.lock().record(began, Instant::now(), answer);
            thread::park_timeout(rate.pause);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
