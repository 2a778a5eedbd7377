//! `data restore`: a run that brings saved data back and replaces no container.

use crate::context::Context;
use crate::error::Result;
use crate::ops::report::RunReport;
use crate::ops::rollback::{self, RollbackOptions};
use crate::stack::StackRef;

/// Brings the data of this backup back. What there is now is saved first, into the backup of this run.
///
/// # Errors
/// Whatever keeps the run from beginning: [`crate::Error::Incomplete`] for a backup without data, or with data that nobody can take
/// back. Nothing has been changed then. What fails later is in the report.
pub async fn restore(ctx: &Context, stack: &StackRef, backup: &str) -> Result<RunReport> {
    let target = Some(backup.to_owned());
    let options =
        RollbackOptions { target, with_data: true, stays: true, ..RollbackOptions::default() };
    rollback::run(ctx, stack, &options).await
}
