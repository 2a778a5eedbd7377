//! A container's own healthcheck, asked from here: a verdict need not wait for the engine's interval.

use std::time::Duration;

use crate::engine::Answer;
use crate::stack::Probe;

/// The first pause between two asks; it grows to [`PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// The pause between two asks.
const PAUSE: Duration = Duration::from_secs(1);

/// After so many that had no answer in time, the engine alone asks: what hangs in the container is not to pile up.
const HANGING: u32 = 3;

/// On a first start others wait until it has passed for so long, or for its interval: databases answer for a moment while they
/// are still being set up.
const SETTLING: Duration = Duration::from_secs(3);

/// How a container's own healthcheck stands.
pub(super) struct Own {
    /// The healthcheck.
    pub probe: Probe,
    due: Duration,
    pause: Duration,
    is_asked: bool,
    hanging: u32,
    passes_since: Option<Duration>,
    /// Since when it fails after it has passed.
    fails_since: Option<Duration>,
    failures: u32,
    said: Option<String>,
}

impl Own {
    pub(super) const fn new(probe: Probe) -> Self {
        Self {
            probe,
            due: Duration::ZERO,
            pause: FIRST_PAUSE,
            is_asked: false,
            hanging: 0,
            passes_since: None,
            fails_since: None,
            failures: 0,
            said: None,
        }
    }

    /// Whether to ask now; then an answer has to come before it is due again.
    pub(super) fn take_turn(&mut self, now: Duration) -> bool {
        let is_due = !self.is_asked && self.due <= now && self.hanging < HANGING;
        self.is_asked |= is_due;
        is_due
    }

    /// Takes an answer to a question of `asked`.
    pub(super) fn take(&mut self, answer: Answer, asked: Duration, now: Duration) {
        let took = now.saturating_sub(asked);
        self.is_asked = false;
        self.due = now.saturating_add(self.pause.max(took));
        self.pause = (self.pause * 3 / 2).min(PAUSE);
        match answer {
            Answer::Passed => {
                self.passes_since.get_or_insert(now);
                (self.fails_since, self.failures, self.hanging) = (None, 0, 0);
            }
            Answer::Failed(why) => {
                if took >= self.probe.timeout {
                    self.hanging += 1;
                    self.due = now.saturating_add(self.probe.interval);
                }
                if self.passes_since.take().is_some() || self.fails_since.is_some() {
                    self.fails_since.get_or_insert(now);
                    self.failures += 1;
                }
                self.said = Some(why);
            }
            Answer::OutOfReach(why) => (self.hanging, self.said) = (HANGING, Some(why)),
        }
    }

    /// Whether it passes; where others wait for a first start, for a while already.
    pub(super) fn passes(&self, now: Duration, settles: bool) -> bool {
        let enough = if settles { SETTLING.min(self.probe.interval) } else { Duration::ZERO };
        self.passes_since.is_some_and(|since| now.saturating_sub(since) >= enough)
    }

    /// Whether it has passed and does not any more.
    pub(super) const fn has_slipped(&self) -> bool {
        self.fails_since.is_some()
    }

    /// Whether it has failed for so long that the engine, which asks less often, would call it unhealthy.
    pub(super) fn has_failed(&self, now: Duration) -> bool {
        let time = self.probe.interval.saturating_mul(self.probe.retries);
        self.failures >= self.probe.retries
            && self.fails_since.is_some_and(|since| now.saturating_sub(since) >= time)
    }

    /// Whether its command is not in the image, or can't be run: a shell's or the engine's exit code for that.
    pub(super) fn is_missing(&self) -> bool {
        let said = self.said.as_deref().unwrap_or_default();
        self.passes_since.is_none()
            && ["exit code 127", "exit code 126"].iter().any(|code| said.starts_with(code))
    }

    /// What it said last, where it does not pass.
    pub(super) fn complaint(&self) -> Option<String> {
        self.passes_since.is_none().then(|| self.said.clone()).flatten()
    }
}
