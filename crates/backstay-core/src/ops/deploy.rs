//! `deploy`: the whole stack, or some of its services, from its files.

use super::afresh::afresh;
use super::basis::Basis;
use super::conduct::{note, phase};
use super::from_files::FromFiles;
use super::gateway;
use super::{renamed, report::RunReport};
use crate::context::Context;
use crate::error::Result;
use crate::event::{Note, Phase};
use crate::plan::Plan;
use crate::stack::StackRef;

pub use super::options::DeployOptions;

/// The plan of a deploy, without any effect: no lock, no file, no build. The image of a service that is built is not known
/// before it is built.
///
/// # Errors
/// What a deploy would refuse to begin with.
pub async fn plan(ctx: &Context, stack: &StackRef, options: &DeployOptions) -> Result<Plan> {
    ctx.engine.info().await?;
    let stack = &gateway::addressed(ctx, stack, &options.gateway).await?;
    let layout = renamed::place(ctx, stack).await?;
    FromFiles::new(stack, options, Basis::Files).plan(ctx, &layout).await
}

/// Deploys.
///
/// # Errors
/// Whatever keeps the run from beginning; nothing has been changed then. What fails later is in the report.
pub async fn run(ctx: &Context, stack: &StackRef, options: &DeployOptions) -> Result<RunReport> {
    phase(ctx, Phase::Check);
    let info = ctx.engine.info().await?;
    note(ctx, Note::EngineReady { engine: info.engine, compose: info.compose });
    let stack = match afresh(ctx, stack).await? {
        Ok(stack) => gateway::addressed(ctx, &stack, &options.gateway).await?,
        Err(stuck) => return Ok(stuck),
    };
    let layout = renamed::place(ctx, &stack).await?;
    FromFiles::new(&stack, options, Basis::Files).run(ctx, &layout).await
}
