//! What can happen to a file or a folder.

use std::path::{Path, PathBuf};
use std::time::Duration;

use backstay_core::digest::digest;
use backstay_testkit::fake::{Disk, NodeKind};
use serde_json::Value;

/// Where links lead to: a file with the same content, a folder, nothing.
const OUTSIDE: &str = "/outside";

/// Something that happens to a file or a folder.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Harm {
    Emptied,
    Halved,
    /// Without its last byte.
    Shortened,
    /// One bit, so many thousandths from the beginning.
    Flipped(usize),
    Removed,
    Folder,
    File,
    /// A link to a copy of it, outside of the stack.
    LinkToCopy,
    LinkToNothing,
    LinkToItself,
    /// What a newer program would have written.
    Newer,
}

pub(super) const OF_FILES: [Harm; 13] = [
    Harm::Emptied,
    Harm::Halved,
    Harm::Shortened,
    Harm::Flipped(0),
    Harm::Flipped(333),
    Harm::Flipped(800),
    Harm::Flipped(999),
    Harm::Removed,
    Harm::Folder,
    Harm::LinkToCopy,
    Harm::LinkToNothing,
    Harm::LinkToItself,
    Harm::Newer,
];

pub(super) const OF_FOLDERS: [Harm; 5] =
    [Harm::Removed, Harm::File, Harm::LinkToCopy, Harm::LinkToNothing, Harm::LinkToItself];

impl Harm {
    /// Does it. `false` where it can't be done, or would change nothing.
    pub(super) fn happen(self, disk: &mut Disk, path: &Path) -> bool {
        let now = Duration::from_secs(1);
        let bytes = disk.read(path).unwrap_or_default();
        let is_folder = disk.is_dir(path);
        let changed = match self {
            Self::Emptied => Some(Vec::new()),
            Self::Halved => Some(bytes[..bytes.len() / 2].to_vec()),
            Self::Shortened => Some(bytes[..bytes.len().saturating_sub(1)].to_vec()),
            Self::Flipped(at) if !bytes.is_empty() => {
                let mut bytes = bytes.clone();
                let at = (bytes.len() - 1) * at / 999;
                bytes[at] ^= 1;
                Some(bytes)
            }
            Self::Newer => match newer(path, &bytes) {
                Some(bytes) => Some(bytes),
                None => return false,
            },
            _ => None,
        };
        if let Some(changed) = changed {
            return changed != bytes && disk.put(path, &changed, 0o600, now).is_ok();
        }
        if matches!(self, Self::Flipped(_)) {
            return false;
        }
        if self == Self::LinkToCopy {
            copy(disk, path);
        }
        match is_folder {
            true => disk.remove_dir(path, false).unwrap(),
            false => disk.remove_file(path).unwrap(),
        }
        match self {
            Self::Folder => disk.create_dir(path, 0o700, now).unwrap(),
            Self::File => disk.put(path, b"x", 0o600, now).unwrap(),
            Self::LinkToCopy => disk.link(path, Path::new(OUTSIDE), now).unwrap(),
            Self::LinkToNothing => disk.link(path, Path::new("/nothing"), now).unwrap(),
            Self::LinkToItself => disk.link(path, path, now).unwrap(),
            _ => {}
        }
        true
    }
}

/// Puts a copy of a file or a folder outside of the stack.
fn copy(disk: &mut Disk, path: &Path) {
    let inside: Vec<(PathBuf, _)> = disk
        .nodes
        .iter()
        .filter_map(|(place, node)| Some((place.strip_prefix(path).ok()?.to_owned(), node.clone())))
        .collect();
    for (rest, node) in inside {
        let to = if rest.as_os_str().is_empty() {
            OUTSIDE.into()
        } else {
            Path::new(OUTSIDE).join(rest)
        };
        disk.nodes.insert(to, node);
    }
}

/// The same file in a format that is not known yet; `None` where it has no version.
fn newer(path: &Path, bytes: &[u8]) -> Option<Vec<u8>> {
    let text = String::from_utf8(bytes.to_vec()).ok()?;
    if path.extension()? == "jsonl" {
        let (head, last) = text.trim_end().rsplit_once('\n').unwrap_or(("", text.trim_end()));
        let (body, _) = last.rsplit_once(",\"sum\":\"")?;
        let body = body.replacen("\"v\":1", "\"v\":99", 1);
        let sum = &digest(body.as_bytes())[7..23];
        let separator = if head.is_empty() { "" } else { "\n" };
        return Some(format!("{head}{separator}{body},\"sum\":\"{sum}\"}}\n").into_bytes());
    }
    let mut value: Value = serde_json::from_str(&text).ok()?;
    value.get("version")?;
    value["version"] = 99.into();
    Some(serde_json::to_vec_pretty(&value).unwrap())
}

/// Whether a path is a folder.
pub(super) fn harms(disk: &Disk, path: &Path) -> &'static [Harm] {
    match disk.nodes.get(path).map(|node| &node.kind) {
        Some(NodeKind::Directory) => &OF_FOLDERS,
        _ => &OF_FILES,
    }
}
