//! A stack that has another name than before: to Compose it is a new project, with new containers and empty volumes.

use crate::context::Context;
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::observed::{is_live, is_same_stack};
use crate::release::Catalog;
use crate::stack::StackRef;
use crate::state::{Found, declared, find, of_other_names};

/// Where what is kept of the stack is, for a run.
///
/// # Errors
/// [`Error::Renamed`] where the stack has run under another name so far and nobody named this one for the command.
pub(crate) async fn place(ctx: &Context, stack: &StackRef) -> Result<Layout> {
    let found = find(ctx, stack).await?;
    let (catalog, _) = Catalog::look(&found.layout, &*ctx.store)?;
    match former_name(ctx, stack, &found, &catalog).await? {
        Some(was) => {
            Err(Error::Renamed { was, is: found.project, directory: stack.directory.clone() })
        }
        None => {
            is_anothers(ctx, stack, &found, &catalog).await?;
            Ok(found.layout)
        }
    }
}

/// Whether the project is another stack's: it was last deployed from other files, which are still there, has no service in
/// common with this one, and runs.
async fn is_anothers(
    ctx: &Context,
    stack: &StackRef,
    found: &Found,
    catalog: &Catalog,
) -> Result<()> {
    let store = &*ctx.store;
    let Some(current) = &catalog.current else { return Ok(()) };
    let other = &current.release;
    if is_same_stack(&other.stack, stack, store) {
        return Ok(());
    }
    let declared = declared(stack, store)?;
    if declared.is_none_or(|names| names.iter().any(|name| other.services.contains_key(name))) {
        return Ok(());
    }
    let all = ctx.engine.containers(&found.project).await?;
    let services: Vec<String> = other
        .services
        .keys()
        .filter(|name| all.iter().any(|c| is_live(c) && &c.service == *name))
        .cloned()
        .collect();
    if services.is_empty() {
        return Ok(());
    }
    Err(Error::OtherStack {
        project: found.project.clone(),
        directory: other.stack.directory.clone(),
        files: other.stack.files.clone(),
        services,
    })
}

/// The project under which the stack of this folder runs, where it has nothing to do with the one that is meant now.
pub(crate) async fn former_name(
    ctx: &Context,
    stack: &StackRef,
    found: &Found,
    catalog: &Catalog,
) -> Result<Option<String>> {
    let store = &*ctx.store;
    if found.is_named || !catalog.is_empty() {
        return Ok(None);
    }
    for other in of_other_names(found, &ctx.state, store)? {
        // Other files of the folder may be another stack.
        if is_same_stack(&other.stack, stack, store)
            && ctx.engine.containers(&other.project).await?.iter().any(is_live)
        {
            return Ok(Some(other.project));
        }
    }
    Ok(None)
}
