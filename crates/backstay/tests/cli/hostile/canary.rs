//! What may not change, and what may not be shown.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::Said;

/// What an entry is, its mode, when it was written, and its content.
pub(super) type Entry = (u32, (i64, i64), Vec<u8>);

/// A folder beside the stack, with files in it that nobody may touch.
pub(super) struct Canary {
    folder: tempfile::TempDir,
    before: BTreeMap<PathBuf, Entry>,
}

impl Canary {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["secret", "20240129_143052/release.json", "deep/er/file", "sha256/blob"] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, format!("the canary's {name}\n")).unwrap();
        }
        let before = tree(folder.path());
        Self { folder, before }
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// It is as it was, byte for byte.
    #[track_caller]
    pub(super) fn lives(&self, after: &str) {
        assert_eq!(tree(self.path()), self.before, "after {after}");
    }
}

/// All that is in a folder; the folder itself is not.
fn tree(root: &Path) -> BTreeMap<PathBuf, Entry> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let data = std::fs::symlink_metadata(&path).unwrap();
            let content = if data.is_dir() {
                open.push(path.clone());
                Vec::new()
            } else if data.is_symlink() {
                std::fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes()
            } else {
                std::fs::read(&path).unwrap()
            };
            found.insert(path, (data.mode(), (data.mtime(), data.mtime_nsec()), content));
        }
    }
    found
}

/// All that is in a stack's folder, but for what every run does that is refused: it takes the lock.
pub(super) fn kept(root: &Path) -> BTreeMap<PathBuf, Entry> {
    let mut found = tree(root);
    found.retain(|path, _| !path.ends_with(".backup") && !path.ends_with(".backup/lock"));
    found
}

/// Words that are meant for a terminal: colours, a title, a link, the clipboard, a device string; bells, overwriting, 8-bit
/// controls, other directions, broken lines.
const HOSTILE: [&str; 12] = [
    "\x1b[2J\x1b[31mred",
    "\x1b]0;title\x07",
    "\x1b]8;;http://evil.test\x1b\\link\x1b]8;;\x1b\\",
    "\x1b]52;c;ZXZpbA==\x07",
    "\x1bP+q544e\x1b\\",
    "bell\x07back\x08space",
    "100%\rdone",
    "\u{9b}2J\u{9d}0;t\u{9c}",
    "safe\u{202e}txt.exe\u{2066}",
    "one\ntwo\r\nthree",
    "line\u{2028}para\u{2029}graph",
    "del\u{7f}nel\u{85}\x0bvt",
];

/// All of them in one text, and a few by themselves: each costs a process.
pub(super) fn some() -> [String; 4] {
    [HOSTILE.concat(), HOSTILE[0].to_owned(), HOSTILE[7].to_owned(), HOSTILE[9].to_owned()]
}

/// Nothing in a text does anything to a terminal but to begin a new line.
#[track_caller]
fn is_harmless(text: &str, what: &str) {
    let harmful = |c: &char| {
        let reorders = matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        *c != '\n' && (c.is_control() || reorders || matches!(c, '\u{2028}' | '\u{2029}'))
    };
    let found: Vec<char> = text.chars().filter(harmful).collect();
    assert!(found.is_empty(), "{what}: {found:?} in {text:?}");
}

/// How a command ended that was given hostile words; its output is harmless, as text or as JSON.
#[track_caller]
pub(super) fn run(command: &mut Command, what: &str) -> Said {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let said = Said {
        code: output.status.code().unwrap_or_else(|| panic!("{what}: {:?}", output.status)),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    };
    is_harmless(&said.stdout, what);
    is_harmless(&said.stderr, what);
    said
}

/// Each line is one JSON object.
#[track_caller]
pub(super) fn is_json(text: &str, what: &str) {
    for line in text.lines() {
        let value = serde_json::from_str::<serde_json::Value>(line);
        assert!(value.is_ok_and(|value| value.is_object()), "{what}: {line:?}");
    }
}
