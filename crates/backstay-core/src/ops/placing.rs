//! Files that a run puts in place before the model is read, as a step with an undo.

use crate::event::Failure;
use crate::plan::{Step, Undo};
use crate::run::Run;
use crate::stack::StackRef;
use crate::steps::files::{self, FileChange};

/// Makes the changes. Copies of what was there get names that begin with `prefix`.
pub(super) async fn put(
    run: &mut Run<'_>,
    stack: &StackRef,
    prefix: &str,
    step: Step,
    changes: &[FileChange],
) -> Result<(), Failure> {
    let ctx = run.ctx;
    let work = run.layout.work(&run.state.run);
    let saved = files::save(changes, prefix, &work, &*ctx.store)?;
    let undo = Undo::Files { saved, written: files::digests(changes), folders: Vec::new() };
    let effect =
        async { files::put_all(&ctx.ground(&stack.directory), changes).map_err(Failure::from) };
    run.step(step, undo, effect).await
}
