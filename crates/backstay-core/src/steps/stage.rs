//! The record of the new release, where the commit will find it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::event::Failure;
use crate::injected_files;
use crate::release::{FileRecord, Release, write_release};
use crate::run::Run;
use crate::stack::Model;

/// Writes the new release where the commit will find it.
pub(crate) async fn stage(
    run: &Run<'_>,
    release: Release,
    files: &[(FileRecord, Option<Vec<u8>>)],
    model: &str,
) -> Result<(), Failure> {
    let ids: Vec<String> =
        release.services.values().flat_map(|service| service.containers.clone()).collect();
    let parsed = Model::parse(model).ok();
    let foreign: BTreeSet<String> = release.differs.iter().cloned().collect();
    let containers = injected_files::describe(run.ctx, parsed.as_ref(), &ids, &foreign);
    let containers: Vec<Value> = containers.await?;
    let path = run.layout.next(&run.state.run);
    let store = &*run.ctx.store;
    write_release(&path, release, files, &containers, model, None, store)?;
    Ok(())
}
