//! `data restore`: a run that brings saved data back and replaces no container.

use crate::context::Context;
use crate::error::Result;
use crate::ops::report::RunReport;
use crate::ops::rollback::{self, RollbackOptions};
use crate::plan::Plan;
use crate::stack::StackRef;

/// Brings the data of this backup back. What there is now is saved first, into the backup of this run.
///
/// # Errors
/// Whatever keeps the run from beginning: [`crate::Error::Incomplete`] for a backup without data, or with data that nobody can take
/// back. Nothing has been changed then. What fails later is in the report.
pub async fn restore(ctx: &Context, stack: &StackRef, backup: &str) -> Result<RunReport> {
    rollback::run(ctx, stack, &options(backup)).await
}

/// What [`restore`] would do; nothing is touched.
///
/// # Errors
/// As [`restore`].
pub async fn plan(ctx: &Context, stack: &StackRef, backup: &str) -> Result<Plan> {
    rollback::plan(ctx, stack, &options(backup)).await
}

fn options(backup: &str) -> RollbackOptions {
    let target = Some(backup.to_owned());
    RollbackOptions { target, with_data: true, stays: true, ..RollbackOptions::default() }
}
