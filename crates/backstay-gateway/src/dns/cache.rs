//! The addresses of one target, for a moment.

use super::query;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long addresses are good.
const KNOWN: Duration = Duration::from_secs(1);
/// How long it is believed that there are none.
const UNKNOWN: Duration = Duration::from_millis(100);

/// What the name server said last. While one asks, all others wait for the same answer.
#[derive(Debug, Default)]
pub(crate) struct Cached(Mutex<Option<(Instant, Vec<IpAddr>)>>);

impl Cached {
    /// The addresses of the first of these names that has any.
    pub(crate) async fn addresses(&self, server: SocketAddr, names: &[&str]) -> Vec<IpAddr> {
        let mut cached = self.0.lock().await;
        if let Some((until, addresses)) = &*cached
            && *until > Instant::now()
        {
            return addresses.clone();
        }
        let mut found = Vec::new();
        for name in names.iter().filter(|name| !name.is_empty()) {
            // Apart, because whoever may ask would need room for the answer, and nearly nobody asks.
            found = Box::pin(query::addresses(server, name)).await.unwrap_or_default();
            if !found.is_empty() {
                break;
            }
        }
        let good = if found.is_empty() { UNKNOWN } else { KNOWN };
        *cached = Some((Instant::now() + good, found.clone()));
        found
    }

    /// The address did not lead anywhere: ask anew.
    pub(crate) async fn forget(&self) {
        *self.0.lock().await = None;
    }
}
