//! `down`: the whole stack goes, as with `docker compose down`, and its gateway and what is still up with it. What is kept stays.

use futures_util::FutureExt;

use super::report::RunReport;
use super::{claim, recover, renamed, warm};
use crate::context::Context;
use crate::error::Result;
use crate::event::Outcome;
use crate::layout::Layout;
use crate::naming::is_warm;
use crate::release::Catalog;
use crate::stack::StackRef;
use crate::state::find;
use crate::warm::forget;

/// What there is to take away.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Outlook {
    /// The containers, by name.
    pub containers: Vec<String>,
    /// The networks.
    pub networks: Vec<String>,
    /// The named volumes.
    pub volumes: Vec<String>,
    /// How many releases are kept, and stay.
    pub kept: usize,
}

/// What there is to take away. Changes nothing.
///
/// # Errors
/// When the engine or the records can't be read.
pub async fn look(ctx: &Context, stack: &StackRef) -> Result<Outlook> {
    let found = find(ctx, stack).await?;
    let (catalog, _) = Catalog::look(&found.layout, &*ctx.store)?;
    let project = &found.project;
    let all = ctx.engine.containers(project).await?.into_iter().map(|container| container.name);
    let gateways = ctx.engine.gateways(project).await?.into_iter().map(|gateway| gateway.name);
    Ok(Outlook {
        containers: all.chain(gateways).collect(),
        networks: ctx.engine.networks(project).await?,
        volumes: ctx.engine.volumes(project).await?,
        kept: catalog.entries.len() + usize::from(catalog.current.is_some()),
    })
}

/// Takes it away. It is no transaction: where it is cut off, it can be repeated. Returns the report of an earlier run that is
/// stuck; then nothing was taken away.
///
/// # Errors
/// Whatever keeps it from beginning, and what the engine or Compose refuses.
pub async fn run(ctx: &Context, stack: &StackRef, volumes: bool) -> Result<Option<RunReport>> {
    ctx.engine.info().await?;
    // What Compose can't read it can't take away: better said before anything goes.
    ctx.engine.model(stack).await?;
    let layout = renamed::place(ctx, stack).await?;
    let (_guard, layout) = recover::lock(ctx, &layout)?;
    let work = async {
        let recovered = recover::all(ctx, &layout).await?;
        let stuck = recovered.into_iter().find(|report| report.outcome == Outcome::Stuck);
        if stuck.is_none() {
            take(ctx, stack, &layout, volumes).await?;
        }
        Ok(stuck)
    };
    claim::holding(ctx, &layout, work.boxed()).await
}

async fn take(ctx: &Context, stack: &StackRef, layout: &Layout, volumes: bool) -> Result<()> {
    let project = layout.owner().map(|(_, project)| project.to_owned()).unwrap_or_default();
    // It goes first: the networks stay as long as it is there. What is under way it lets end.
    for gateway in ctx.engine.gateways(&project).await? {
        ctx.engine.stop(&gateway.id).await?;
        ctx.engine.remove(&gateway.id, true).await?;
    }
    let all = ctx.engine.containers(&project).await?;
    for container in all.iter().filter(|container| is_warm(&container.name)) {
        warm::remove(ctx, container, volumes).await?;
    }
    forget(layout, &*ctx.store)?;
    ctx.engine.down(stack, volumes).await?;
    ctx.engine.remove_gateway_images().await?;
    Ok(())
}
