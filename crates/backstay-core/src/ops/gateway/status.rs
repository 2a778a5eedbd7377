//! What the gateway does now, and its upgrade.

use backstay_routes::Status;

use crate::context::Context;
use crate::engine::Gateway;
use crate::error::Result;
use crate::plan::live_gateway;
use crate::stack::StackRef;
use crate::state::find;

/// The gateway of a stack.
#[derive(Debug, Clone)]
pub struct GatewayReport {
    /// Its container.
    pub gateway: Gateway,
    /// What it has counted; `None` where it does not run.
    pub status: Option<Status>,
    /// The same for Prometheus, where it was asked for.
    pub metrics: Option<String>,
}

/// Lets the gateway go on with the newest program; `None` where the stack has none. Returns its version.
///
/// # Errors
/// What the engine says; the gateway is as it was then.
pub async fn upgrade(ctx: &Context, stack: &StackRef) -> Result<Option<String>> {
    let Some(gateway) = found(ctx, stack).await? else { return Ok(None) };
    Ok(Some(ctx.engine.upgrade_gateway(&gateway.id).await?))
}

async fn found(ctx: &Context, stack: &StackRef) -> Result<Option<Gateway>> {
    let layout = find(ctx, stack).await?.layout;
    let project = layout.owner().map(|(_, project)| project.to_owned()).unwrap_or_default();
    Ok(live_gateway(ctx.engine.gateways(&project).await?))
}

/// Looks at the gateway; `None` where the stack has none.
///
/// # Errors
/// What the engine says.
pub async fn status(
    ctx: &Context,
    stack: &StackRef,
    metrics: bool,
) -> Result<Option<GatewayReport>> {
    let Some(gateway) = found(ctx, stack).await? else { return Ok(None) };
    if !gateway.running {
        return Ok(Some(GatewayReport { gateway, status: None, metrics: None }));
    }
    let status = Some(ctx.engine.gateway_status(&gateway.id).await?);
    let metrics = match metrics {
        true => Some(ctx.engine.gateway_metrics(&gateway.id).await?),
        false => None,
    };
    Ok(Some(GatewayReport { gateway, status, metrics }))
}
