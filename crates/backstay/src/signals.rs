//! The wish to stop, from Ctrl-C and the system.

use std::sync::Arc;

use backstay_core::context::{Cancel, Canceller};

use crate::i18n::{Language, t};

/// Listens from now on; the first signal asks the run to stop, later ones only say that it is stopping. Whatever was ignored when the program started (`nohup`) stays ignored.
pub(crate) fn listen(lang: Language, say: Arc<dyn Fn(&str) + Send + Sync>) -> Cancel {
    let (canceller, cancel) = Cancel::new();
    platform::listen(Listener { lang, say, canceller });
    cancel
}

struct Listener {
    lang: Language,
    say: Arc<dyn Fn(&str) + Send + Sync>,
    canceller: Canceller,
}

impl Listener {
    fn stop(&self) {
        let again = self.canceller.cancel();
        let text =
            if again { t!(self.lang, "signal-again") } else { t!(self.lang, "signal-first") };
        (self.say)(&text);
    }
}

#[cfg(unix)]
mod platform {
    use std::sync::Arc;

    use tokio::signal::unix::{SignalKind, signal};

    use super::Listener;

    pub(super) fn listen(listener: Listener) {
        let listener = Arc::new(listener);
        let ignored = ignored();
        for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
            let bit = 1_u64 << (kind.as_raw_value() - 1);
            if ignored & bit != 0 {
                continue;
            }
            let Ok(mut stream) = signal(kind) else { continue };
            let listener = Arc::clone(&listener);
            tokio::task::spawn(async move {
                while stream.recv().await.is_some() {
                    listener.stop();
                }
            });
        }
    }

    /// The signals that this process was started with as ignored, as a mask. Only Linux tells without unsafe code.
    fn ignored() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
    }
}

#[cfg(not(unix))]
mod platform {
    use super::Listener;

    pub(super) fn listen(listener: Listener) {
        tokio::task::spawn(async move {
            while tokio::signal::ctrl_c().await.is_ok() {
                listener.stop();
            }
        });
    }
}
