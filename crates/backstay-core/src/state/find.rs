//! Finding what is kept of a stack.

use super::{State, entrance, is_folder, plain, project_name};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::ports::Engine;
use crate::release::{Release, read_release, recorded_project};
use crate::stack::{Model, StackRef};
use crate::store::Store;
use crate::store::same_place;

/// Where what is kept of a stack is, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it is.
    pub layout: Layout,
    /// The engine's id.
    pub engine: String,
    /// The project.
    pub project: String,
    /// Whether a person named the project for this command.
    pub is_named: bool,
}

/// Finds it. Where the engine does not answer, the link in the stack's folder leads there.
///
/// # Errors
/// When the engine does not answer and no link leads on, or a file can't be read.
pub async fn find(ctx: &Context, stack: &StackRef) -> Result<Found> {
    find_in(&*ctx.engine, &*ctx.store, &ctx.state, stack).await
}

/// The same for who has no more than these.
///
/// # Errors
/// As [`find`].
pub async fn find_in(
    asked: &dyn Engine,
    store: &dyn Store,
    state: &State,
    stack: &StackRef,
) -> Result<Found> {
    let name = project_name(stack, store)?;
    let linked = entrance::leads_to(&stack.directory, state, store);
    let engine = match (asked.id().await, &linked) {
        (Ok(id), _) => id,
        (Err(_), Some((engine, project)))
            if name.as_ref().is_none_or(|name| !name.is_sure || plain(&name.name) == *project) =>
        {
            engine.clone()
        }
        (Err(error), _) => {
            // What has not been moved to the state yet is found without the engine, too.
            let layout = Layout::new(stack.directory.join(Layout::FOLDER), &stack.directory);
            let layout = as_it_lies(layout, store)?;
            if !is_folder(layout.root(), store)? {
                return Err(error.into());
            }
            let recorded = recorded_project(layout.root(), store);
            let project = recorded.or(name.map(|name| name.name)).unwrap_or_default();
            return Ok(Found { layout, engine: String::new(), project, is_named: false });
        }
    };
    let is_named = name.as_ref().is_some_and(|name| name.is_named);
    let project = match name {
        Some(name) if name.is_sure => name.name,
        // The files can't be read: what is kept of the stack says what it is.
        unsure => match linked.filter(|(of, _)| *of == plain(&engine)) {
            Some((_, project)) => project,
            None => match unsure {
                Some(name) => name.name,
                None => Model::parse(&asked.model(stack).await?)?.project,
            },
        },
    };
    let mut layout = state.layout(&engine, &project, &stack.directory);
    if is_beside(&layout, &project, store)? {
        layout = layout.beside();
    }
    Ok(Found { layout: as_it_lies(layout, store)?, engine, project, is_named })
}

/// Older programs and the old scripts have no folder for the backups alone.
fn as_it_lies(layout: Layout, store: &dyn Store) -> Result<Layout> {
    let is_flat = is_folder(layout.root(), store)? && !is_folder(&layout.backups(), store)?;
    Ok(if is_flat { layout.flat() } else { layout })
}

/// Whether a real `.backup` folder is all that is kept of the stack so far.
fn is_beside(layout: &Layout, project: &str, store: &dyn Store) -> Result<bool> {
    let entrance = layout.entrance();
    Ok(is_folder(&entrance, store)?
        && !is_folder(layout.root(), store)?
        && recorded_project(&entrance, store).is_none_or(|recorded| recorded == project))
}

/// What was last deployed of other projects of this engine from the stack's folder, or of the one that its `.backup` leads to.
///
/// # Errors
/// [`Error::Io`].
pub fn of_other_names(found: &Found, state: &State, store: &dyn Store) -> Result<Vec<Release>> {
    let engine = state.engine(&found.engine);
    let own = found.layout.root().file_name().unwrap_or_default().to_string_lossy().into_owned();
    let directory = found.layout.directory();
    let linked = entrance::leads_to(directory, state, store);
    let linked = linked.filter(|(of, _)| *of == plain(&found.engine)).map(|(_, project)| project);
    let names = store.list(&engine).map_err(|error| Error::io("reading", &engine, error))?;
    let mut others = Vec::new();
    for name in names.into_iter().filter(|name| *name != own && !name.starts_with('.')) {
        // What is damaged is its own project's concern.
        let Ok(Some(folder)) = read_release(&engine.join(&name).join("current"), store) else {
            continue;
        };
        let from = &folder.release.stack.directory;
        if linked.as_ref() == Some(&name) || same_place(from, directory, store) {
            others.push(folder.release);
        }
    }
    Ok(others)
}
