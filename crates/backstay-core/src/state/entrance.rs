//! `.backup` in a stack's folder: a link to where the state is, for people and for the paths of old. Nothing depends on it.

use std::path::Path;

use super::{State, git};
use crate::layout::Layout;
use crate::store::{EntryKind, Store};

/// Makes `.backup` lead to what is kept of the stack, where the name is free or is such a link already. Where no link can be
/// made, all works without it. Returns whether it leads there.
pub(crate) fn point(layout: &Layout, state: &State, store: &dyn Store) -> bool {
    let place = layout.entrance();
    match store.metadata(&place) {
        Ok(None) => {}
        Ok(Some(found)) if found.kind == EntryKind::Link => match store.read_link(&place) {
            Ok(target) if target == layout.root() => return true,
            Ok(target) if is_ours(&target, state, store) => {
                if store.remove_file(&place).is_err() {
                    return false;
                }
            }
            // Somebody's own.
            _ => return false,
        },
        _ => return false,
    }
    let is_made = store.link(layout.root(), &place).is_ok();
    if is_made {
        git::exclude(layout, store);
    }
    is_made
}

/// The engine's and the project's folder names that `.backup` leads to, where it leads into this state.
pub(super) fn leads_to(
    directory: &Path,
    state: &State,
    store: &dyn Store,
) -> Option<(String, String)> {
    let target = store.read_link(&directory.join(Layout::FOLDER)).ok()?;
    let inside = target.strip_prefix(state.root()).ok()?;
    let parts: Vec<&str> = inside.iter().filter_map(|part| part.to_str()).collect();
    match parts[..] {
        [engine, project] => Some((engine.to_owned(), project.to_owned())),
        _ => None,
    }
}

/// Whether a target is that of a link which was made here: it is in this state, or in one that was elsewhere, or nothing is
/// there any more.
fn is_ours(target: &Path, state: &State, store: &dyn Store) -> bool {
    target.starts_with(state.root())
        || matches!(store.metadata(target), Ok(None))
        || matches!(store.metadata(&target.join("journal")), Ok(Some(_)))
}
