//! How an upgrade ends, and who waits for that.

use std::sync::Mutex;
use tokio::sync::oneshot;

/// The new worker's process and version, or why there is none.
pub(crate) type Outcome = std::result::Result<(u32, String), String>;

/// An upgrade that is waited for.
#[derive(Debug, Default)]
pub(super) struct Upgrade(pub Mutex<Option<oneshot::Sender<Outcome>>>);
