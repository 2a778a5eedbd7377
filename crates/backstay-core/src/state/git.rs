//! Keeping the link out of a git repository: in the list of the work tree itself, which is no tracked file.

use std::path::{Path, PathBuf};

use crate::layout::Layout;
use crate::store::{EntryKind, Store};

/// What the list says of the line.
const WHY: &str = "# Where Backstay keeps what it knows of the stack.";

/// Makes git overlook `.backup` in a stack's folder. Where that can't be done, nothing else fails.
pub(super) fn exclude(layout: &Layout, store: &dyn Store) {
    let Some((top, folder)) = work_tree(layout.directory(), store) else { return };
    let Ok(inside) = layout.directory().strip_prefix(&top) else { return };
    let mut line = String::from("/");
    for part in inside.iter().filter_map(|part| part.to_str()) {
        line.push_str(part);
        line.push('/');
    }
    line.push_str(Layout::FOLDER);
    let file = folder.join("info").join("exclude");
    let text = match store.metadata(&file) {
        Ok(None) => String::new(),
        Ok(Some(_)) => match store.read(&file) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(_) => return,
        },
        Err(_) => return,
    };
    if text.lines().any(|known| known.trim() == line) {
        return;
    }
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    let text = format!("{text}{gap}{WHY}\n{line}\n");
    let _ = store.create_dir(&folder.join("info"));
    let _ = store.write(&file, text.as_bytes(), 0o644);
}

/// The top of the work tree that a folder is in, and its repository.
fn work_tree(directory: &Path, store: &dyn Store) -> Option<(PathBuf, PathBuf)> {
    for top in directory.ancestors() {
        let place = top.join(".git");
        let Ok(Some(found)) = store.metadata(&place) else { continue };
        let folder = match found.kind {
            EntryKind::Directory => place,
            EntryKind::File => named(&place, "gitdir:", top, store)?,
            _ => return None,
        };
        // Of several work trees, one list serves all.
        let common = named(&folder.join("commondir"), "", &folder, store);
        return Some((top.to_owned(), common.unwrap_or(folder)));
    }
    None
}

/// The path that a file of git's holds.
fn named(file: &Path, before: &str, from: &Path, store: &dyn Store) -> Option<PathBuf> {
    let text = String::from_utf8(store.read(file).ok()?).ok()?;
    let path = text.trim().strip_prefix(before)?.trim();
    Some(from.join(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::DiskStore;

    #[test]
    fn the_link_is_put_on_the_list_once() {
        let root = tempfile::tempdir().unwrap();
        let stack = root.path().join("apps/shop");
        std::fs::create_dir_all(&stack).unwrap();
        std::fs::create_dir_all(root.path().join(".git")).unwrap();
        let layout = Layout::new("/s", &stack);
        exclude(&layout, &DiskStore);
        exclude(&layout, &DiskStore);
        let file = root.path().join(".git/info/exclude");
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(text, format!("{WHY}\n/apps/shop/.backup\n"));
    }

    #[test]
    fn a_further_work_tree_has_the_list_of_its_repository() {
        let root = tempfile::tempdir().unwrap();
        let (main, tree) = (root.path().join("main/.git"), root.path().join("tree"));
        std::fs::create_dir_all(main.join("worktrees/tree")).unwrap();
        std::fs::create_dir_all(&tree).unwrap();
        let folder = main.join("worktrees/tree");
        std::fs::write(folder.join("commondir"), "../..\n").unwrap();
        std::fs::write(tree.join(".git"), format!("gitdir: {}\n", folder.display())).unwrap();
        exclude(&Layout::new("/s", &tree), &DiskStore);
        let text = std::fs::read_to_string(main.join("info/exclude")).unwrap();
        assert!(text.ends_with("\n/.backup\n"), "{text}");
    }
}
