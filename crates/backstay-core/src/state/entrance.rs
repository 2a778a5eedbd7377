//! `.backup` in a stack's folder: a link to where its backups are, for people and for the paths of old. Nothing depends on it.

use std::path::Path;

use super::{State, git};
use crate::layout::Layout;
use crate::store::{EntryKind, Store};

/// Makes `.backup` lead to the backups of the stack, where the name is free or is such a link already. Where no link can be
/// made, all works without it. Returns whether it leads there.
pub(crate) fn point(layout: &Layout, state: &State, store: &dyn Store) -> bool {
    let place = layout.entrance();
    match store.metadata(&place) {
        Ok(None) => {}
        Ok(Some(found)) if found.kind == EntryKind::Link => match store.read_link(&place) {
            Ok(target) if target == layout.backups() => return true,
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
    let is_made = store.link(&layout.backups(), &place).is_ok();
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
        [engine, project] | [engine, project, Layout::BACKUPS] => {
            Some((engine.to_owned(), project.to_owned()))
        }
        _ => None,
    }
}

/// Whether a target is that of a link which was made here: it is in this state, or in one that was elsewhere, or nothing is
/// there any more.
fn is_ours(target: &Path, state: &State, store: &dyn Store) -> bool {
    let has_journals =
        |folder: &Path| matches!(store.metadata(&folder.join("journal")), Ok(Some(_)));
    target.starts_with(state.root())
        || matches!(store.metadata(target), Ok(None))
        || has_journals(target)
        || target.parent().is_some_and(has_journals)
}
