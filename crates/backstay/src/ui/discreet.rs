//! Tells what happens without the secrets in it.

use std::sync::Arc;

use backstay_core::event::Event;
use backstay_core::ports::Reporter;
use backstay_core::secrets::Secrets;

/// A reporter that takes secrets out of what another one tells.
pub(crate) struct Discreet {
    inner: Arc<dyn Reporter>,
    secrets: Secrets,
}

impl Discreet {
    pub(crate) fn new(inner: Arc<dyn Reporter>, secrets: Secrets) -> Self {
        Self { inner, secrets }
    }
}

impl Reporter for Discreet {
    fn report(&self, event: &Event) {
        self.inner.report(&self.secrets.event(event.clone()));
    }
}
