//! The health checks of `x-backstay.health` while a container is at the gate.

use std::time::Duration;

use futures_util::future::join_all;

use crate::context::Context;
use crate::engine::{Answer, EngineResult};
use crate::event::{Cause, Event, Note};
use crate::stack::Probe;

/// How the checks of one container stand.
pub(crate) struct Probing<'a> {
    service: &'a str,
    checks: Vec<Standing<'a>>,
    /// When the container was first asked.
    since: Option<Duration>,
}

struct Standing<'a> {
    probe: &'a Probe,
    due: Duration,
    passes: bool,
    /// Failures in a row, since they count.
    failures: u32,
    /// What it said last when it failed.
    said: Option<String>,
}

impl<'a> Probing<'a> {
    pub(crate) fn new(service: &'a str, probes: &'a [Probe]) -> Self {
        let fresh =
            |probe| Standing { probe, due: Duration::ZERO, passes: false, failures: 0, said: None };
        Self { service, checks: probes.iter().map(fresh).collect(), since: None }
    }

    /// Asks what is due.
    ///
    /// # Errors
    /// The engine's.
    pub(crate) async fn ask(&mut self, ctx: &Context, id: &str) -> EngineResult<()> {
        let now = ctx.clock.elapsed();
        let since = *self.since.get_or_insert(now);
        let due = self.checks.iter_mut().filter(|check| check.due <= now);
        let asked = due.map(async |check| {
            let answer = ctx.engine.probe(id, check.probe).await?;
            let now = ctx.clock.elapsed();
            check.due = now.saturating_add(check.probe.interval);
            Ok(check.take(answer, now - since >= check.probe.start_period))
        });
        for out_of_reach in join_all(asked).await {
            if let Some((check, reason)) = out_of_reach? {
                let service = self.service.to_owned();
                let note = Note::CheckOutOfReach { service, check, reason };
                ctx.reporter.report(&Event::Note { note });
            }
        }
        Ok(())
    }

    /// Whether all pass.
    pub(crate) fn pass(&self) -> bool {
        self.checks.iter().all(|check| check.passes)
    }

    /// The check that has failed for good.
    pub(crate) fn failed(&self) -> Option<Cause> {
        let failed = self.checks.iter().find(|check| check.failures >= check.probe.retries)?;
        Some(Cause::Probe {
            check: failed.probe.check.to_string(),
            message: failed.said.clone().unwrap_or_default(),
        })
    }

    /// What those that do not pass said last.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let failing = self.checks.iter().filter(|check| !check.passes);
        failing
            .filter_map(|check| Some(format!("{}: {}", check.probe.check, check.said.as_ref()?)))
            .collect()
    }
}

impl Standing<'_> {
    /// Takes an answer; gives check and reason when it is found to be out of reach.
    fn take(&mut self, answer: Answer, counts: bool) -> Option<(String, String)> {
        match answer {
            Answer::Passed => {
                (self.passes, self.failures) = (true, 0);
                None
            }
            Answer::Failed(why) => {
                // One that has passed is past its start.
                self.failures += u32::from(counts || self.passes || self.failures > 0);
                (self.passes, self.said) = (false, Some(why));
                None
            }
            Answer::OutOfReach(why) => {
                (self.passes, self.failures) = (true, 0);
                self.due = Duration::MAX;
                Some((self.probe.check.to_string(), why))
            }
        }
    }
}
