//! Taking note of how services did before a run.

use std::collections::BTreeSet;

use futures_util::future::join_all;

use super::unwell::{last_code, unwell};
use crate::context::Context;
use crate::engine::{Container, Status};
use crate::memory::Known;

/// Looks at what is about to be replaced, while it still runs. `starting` are the services that get new containers, or whose
/// containers are started.
pub(crate) async fn remember(ctx: &Context, live: &[Container], starting: BTreeSet<String>) {
    let up: Vec<&Container> = live
        .iter()
        .filter(|container| matches!(container.state.status, Status::Running | Status::Restarting))
        .filter(|container| starting.contains(&container.service))
        .collect();
    let looked = join_all(up.iter().map(async |container| {
        let cycles = container.state.restarts > 0 && last_code(ctx, container).await == Some(0);
        let unwell = unwell(ctx, container).await;
        // What can't be found out is not known: the model and the image say then what can be expected.
        let ports = ctx.engine.listening(&container.id).await.ok().flatten();
        let answered = ctx.engine.host_ports(&container.id).await.unwrap_or_default().answered;
        (*container, cycles, unwell, ports, answered)
    }))
    .await;
    let mut known = ctx.memory.known();
    *known = Known { starting, ..Known::default() };
    for (container, cycles, unwell, ports, answered) in looked {
        let service = &container.service;
        known.ran.insert(service.clone());
        known.unwell.extend(unwell);
        known.answered.extend(answered);
        if cycles {
            known.cycling.insert(service.clone());
        }
        // One that falls over tells nothing by not listening just now.
        if let Some(ports) = ports.filter(|_| container.state.restarts == 0) {
            known.ports.entry(service.clone()).or_default().extend(ports);
        }
    }
}
