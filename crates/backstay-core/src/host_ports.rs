//! Host ports that lead nowhere any more, though the container behind them listens. Podman takes the way to a port down when it
//! cleans up a container that had it before, also where the next one has it by then.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::context::Context;
use crate::engine::{Container, EngineResult, Status};
use crate::event::{Event, Note};

/// How long a container that was started anew may take until it is found at its port.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often that is looked at.
const PACE: Duration = Duration::from_millis(300);

/// Looks at the host ports of these containers at which somebody answered before the run. A container whose port leads nowhere
/// is started anew, which makes the way to it again; what does not help is returned, in words.
pub(crate) async fn mend(ctx: &Context, containers: &[&Container]) -> EngineResult<Vec<String>> {
    let mut differences = Vec::new();
    for container in containers {
        let published = container.ports.iter().any(|port| ctx.memory.answered(port.port));
        if !published || container.state.status != Status::Running {
            continue;
        }
        let Some(&port) = lost(ctx, container).await?.first() else { continue };
        ctx.engine.stop(&container.id).await?;
        ctx.engine.start(&container.id).await?;
        let until = ctx.clock.elapsed() + PATIENCE;
        while !is_back(ctx, container, port).await? && ctx.clock.elapsed() < until {
            ctx.clock.sleep(PACE).await;
        }
        if is_back(ctx, container, port).await? {
            let service = container.service.clone();
            ctx.reporter.report(&Event::Note { note: Note::PortMended { service, port } });
        } else {
            differences.push(format!(
                "port {port} of the host does not lead to {} any more",
                container.name
            ));
        }
    }
    Ok(differences)
}

async fn lost(ctx: &Context, container: &Container) -> EngineResult<BTreeSet<u16>> {
    let found = ctx.engine.host_ports(&container.id).await?;
    Ok(found.unanswered.into_iter().filter(|port| ctx.memory.answered(*port)).collect())
}

async fn is_back(ctx: &Context, container: &Container, port: u16) -> EngineResult<bool> {
    Ok(ctx.engine.host_ports(&container.id).await?.answered.contains(&port))
}
