//! What a run cost whoever came through the gateway meanwhile.

use backstay_routes::Status;

use crate::context::Context;
use crate::event::{Event, Note};
use crate::plan::live_gateway;

/// The figures of a gateway at the beginning of a run.
pub(super) struct Visitors {
    gateway: String,
    before: Figures,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Figures {
    requests: u64,
    failed: u64,
    held: u64,
}

/// The gateway through which they come; none where it does not run, or nobody can say.
pub(super) async fn gateway(ctx: &Context, project: &str) -> Option<String> {
    let gateway = live_gateway(ctx.engine.gateways(project).await.ok()?)?;
    gateway.running.then_some(gateway.id)
}

/// Looks at its figures. Where it does not answer, nothing is told.
pub(super) async fn look(ctx: &Context, gateway: Option<&String>) -> Option<Visitors> {
    let gateway = gateway?.clone();
    let before = figures(&ctx.engine.gateway_status(&gateway).await.ok()?);
    Some(Visitors { gateway, before })
}

impl Visitors {
    /// Tells what has been added since.
    pub(super) async fn tell(self, ctx: &Context) {
        // It may have gone with this run.
        let Ok(now) = ctx.engine.gateway_status(&self.gateway).await else { return };
        let (before, now) = (self.before, figures(&now));
        // A worker that was started anew begins at zero.
        let since = |now: u64, before: u64| now.checked_sub(before).unwrap_or(now);
        let came = since(now.requests, before.requests);
        let (failed, held) = (since(now.failed, before.failed), since(now.held, before.held));
        if came + failed + held > 0 {
            ctx.reporter.report(&Event::Note { note: Note::Visitors { came, failed, held } });
        }
    }
}

fn figures(status: &Status) -> Figures {
    let mut sum = Figures::default();
    for service in status.services.values() {
        sum.requests += service.counters.requests + service.counters.streams;
        sum.failed += service.counters.errors.total();
        sum.held += service.held;
    }
    sum
}
