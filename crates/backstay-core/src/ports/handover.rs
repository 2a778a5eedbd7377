//! Leading those who use a service from its old containers to its new ones.

use async_trait::async_trait;

use crate::engine::EngineResult;
use crate::plan::Swap;

/// Leads those who use a service from one container to another. What it needs is in the [`Swap`], which is on record before
/// anything is led anywhere; whatever it did can be withdrawn from that alone, by another process too. Every call is idempotent.
#[async_trait]
pub trait Handover: Send + Sync {
    /// The new container can be found where the old one was. How many find it is the matter of [`shift`](Self::shift), where
    /// that can be said.
    async fn offer(&self, run: &str, swap: &Swap) -> EngineResult<()>;

    /// Whoever comes waits from now on, where that is possible: until [`open`](Self::open), until this process ends, and no longer
    /// than the swap says.
    async fn hold(&self, swap: &Swap) -> EngineResult<()>;

    /// Lets those go who wait.
    async fn open(&self, swap: &Swap) -> EngineResult<()>;

    /// Waits until nobody is at the old container any more, as long as the swap says, where that can be seen.
    async fn drain(&self, swap: &Swap) -> EngineResult<()>;

    /// From now on this share of those who come, in percent, is led to the new container.
    async fn shift(&self, run: &str, swap: &Swap, share: u8) -> EngineResult<()>;

    /// The old container can be found where it was, and the new one can't.
    async fn withdraw(&self, run: &str, swap: &Swap) -> EngineResult<()>;
}
