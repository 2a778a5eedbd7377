//! The language of the tests.

pub(crate) mod client;
pub(crate) mod control;
pub(crate) mod dns;
pub(crate) mod gateway;
pub(crate) mod load;
pub(crate) mod routes;
pub(crate) mod server;

pub(crate) use control::Control;
pub(crate) use gateway::Gateway;
pub(crate) use routes::Routes;

use std::future::Future;
use std::time::Duration;

/// No test waits for longer for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for something that has to happen.
pub(crate) async fn soon<T>(what: &str, happens: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, happens).await.unwrap_or_else(|_| panic!("{what}: not in time"))
}

/// Looks again and again until it is so.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    soon(what, async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}
