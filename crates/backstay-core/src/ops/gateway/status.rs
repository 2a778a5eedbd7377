//! What the gateway does now.

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

/// Looks at the gateway; `None` where the stack has none.
///
/// # Errors
/// What the engine says.
pub async fn status(
    ctx: &Context,
    stack: &StackRef,
    metrics: bool,
) -> Result<Option<GatewayReport>> {
    let layout = find(ctx, stack).await?.layout;
    let project = layout.owner().map(|(_, project)| project.to_owned()).unwrap_or_default();
    let Some(gateway) = live_gateway(ctx.engine.gateways(&project).await?) else {
        return Ok(None);
    };
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
