//! What an interrupted run has left is seen to before the stack's files count: its undo may put the gateway's file back, or take it
//! away, behind the back of whoever has found the files by their names.

use super::report::RunReport;
use super::{gateway, recover};
use crate::context::Context;
use crate::error::Result;
use crate::event::Outcome;
use crate::run_record;
use crate::stack::StackRef;
use crate::state::find;

/// Recovers where something may be open, and finds the files again. The report is that of a run that is stuck.
///
/// # Errors
/// As [`recover::run`].
pub(super) async fn afresh(
    ctx: &Context,
    stack: &StackRef,
) -> Result<std::result::Result<StackRef, RunReport>> {
    if !stack.caller.by_name {
        return Ok(Ok(stack.clone()));
    }
    let layout = find(ctx, stack).await?.layout;
    if !run_record::may_be_open(&layout, &*ctx.store)? {
        return Ok(Ok(stack.clone()));
    }
    let reports = recover::run(ctx, stack).await?;
    match reports.into_iter().find(|report| report.outcome == Outcome::Stuck) {
        Some(stuck) => Ok(Err(stuck)),
        None => gateway::found(stack, &*ctx.store).map(Ok),
    }
}
