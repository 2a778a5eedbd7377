//! One container, as long as anything is under way to it.

use super::pool::Pools;
use crate::dns::Cached;
use crate::stats::Counts;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// For how long a target is passed over after its first failure. Each further one doubles it.
const FIRST_OUT_MS: u64 = 100;
/// No longer than this.
const LONGEST_OUT_MS: u64 = 10_000;

/// The container.
#[derive(Debug)]
pub(crate) struct Target {
    pub id: String,
    pub name: String,
    pub release: String,
    address: Option<IpAddr>,
    pub counts: Arc<Counts>,
    pub pools: Pools,
    /// Tells streams to end.
    pub cut: Arc<Notify>,
    pub(super) requests: AtomicU64,
    pub(super) streams: AtomicU64,
    /// How many wait until nothing is under way.
    watched: AtomicU64,
    quiet: Notify,
    failures: AtomicU32,
    out_until: AtomicU64,
    cached: Cached,
    retired: AtomicBool,
}

impl Target {
    pub(crate) fn new(target: &backstay_routes::Target, threads: usize) -> Self {
        Self {
            id: target.id.clone(),
            name: target.name.clone(),
            release: target.release.clone(),
            address: target.address,
            counts: Arc::default(),
            pools: Pools::new(threads),
            cut: Arc::default(),
            requests: AtomicU64::new(0),
            streams: AtomicU64::new(0),
            watched: AtomicU64::new(0),
            quiet: Notify::new(),
            failures: AtomicU32::new(0),
            out_until: AtomicU64::new(0),
            cached: Cached::default(),
            retired: AtomicBool::new(false),
        }
    }

    /// Whether it is the one that a snapshot means.
    pub(crate) fn is(&self, target: &backstay_routes::Target) -> bool {
        self.id == target.id
            && self.name == target.name
            && self.release == target.release
            && self.address == target.address
    }

    pub(crate) fn requests_now(&self) -> u64 {
        self.requests.load(SeqCst)
    }

    pub(crate) fn streams_now(&self) -> u64 {
        self.streams.load(SeqCst)
    }

    pub(crate) fn load(&self) -> u64 {
        self.requests_now() + self.streams_now()
    }

    /// Its addresses now. An address that was right before may be another container's.
    pub(crate) async fn addresses(&self, server: SocketAddr) -> Vec<IpAddr> {
        if let Some(address) = self.address {
            return vec![address];
        }
        let short = self.id.get(..12).unwrap_or(&self.id);
        self.cached.addresses(server, &[short, &self.name]).await
    }

    /// It could not be reached, or closed before it answered: it is passed over for a while, and asked for anew.
    pub(crate) async fn failed(&self) {
        let failures = self.failures.fetch_add(1, SeqCst).min(16);
        let out = (FIRST_OUT_MS << failures).min(LONGEST_OUT_MS);
        self.out_until.store(now_ms() + out, SeqCst);
        self.cached.forget().await;
    }

    /// It answered.
    pub(crate) fn succeeded(&self) {
        if self.failures.load(SeqCst) != 0 {
            self.failures.store(0, SeqCst);
            self.out_until.store(0, SeqCst);
        }
    }

    /// For how many milliseconds more it is passed over.
    pub(crate) fn out_ms(&self) -> u64 {
        match self.out_until.load(SeqCst) {
            0 => 0,
            until => until.saturating_sub(now_ms()),
        }
    }

    /// No routes lead there any more: its unused connections are closed, and those in use are not kept.
    pub(crate) fn retire(&self) {
        self.retired.store(true, SeqCst);
        self.pools.close();
    }

    /// The routes lead there again.
    pub(crate) fn revive(&self) {
        if self.retired.swap(false, SeqCst) {
            self.pools.open();
        }
    }

    pub(crate) fn is_retired(&self) -> bool {
        self.retired.load(SeqCst)
    }

    /// Something that was under way has ended.
    pub(super) fn less(&self) {
        if self.watched.load(SeqCst) > 0 {
            self.quiet.notify_waiters();
        }
    }

    /// Waits until this is so, looking again whenever something has ended.
    pub(crate) async fn until(&self, holds: impl Fn(&Self) -> bool) {
        let watch = Watch::new(&self.watched);
        loop {
            let mut less = std::pin::pin!(self.quiet.notified());
            less.as_mut().enable();
            if holds(self) {
                break;
            }
            less.await;
        }
        drop(watch);
    }
}

struct Watch<'a>(&'a AtomicU64);

impl<'a> Watch<'a> {
    fn new(count: &'a AtomicU64) -> Self {
        count.fetch_add(1, SeqCst);
        Self(count)
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

/// Milliseconds since the process asked for the first time. Never 0.
fn now_ms() -> u64 {
    static BEGAN: OnceLock<Instant> = OnceLock::new();
    let since = BEGAN.get_or_init(Instant::now).elapsed() + Duration::from_millis(1);
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
