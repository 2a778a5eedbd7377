//! Files under `.backup/` that are damaged: refused by name, and nothing changes; another release still comes back.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::chosen;
use super::ground::{Ground, Verb};
use crate::harness::{Picture, page};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Harm {
    Emptied,
    Halved,
    Flipped,
    Removed,
    Folder,
    Link,
    Pipe,
}

const HARMS: [Harm; 7] = [
    Harm::Emptied,
    Harm::Halved,
    Harm::Flipped,
    Harm::Removed,
    Harm::Folder,
    Harm::Link,
    Harm::Pipe,
];

impl Harm {
    /// Does it. A link leads to a copy beside the stack.
    fn happen(self, path: &Path, beside: &Path) {
        let bytes = fs::read(path).unwrap();
        fs::remove_file(path).unwrap();
        match self {
            Self::Emptied => fs::write(path, "").unwrap(),
            Self::Halved => fs::write(path, &bytes[..bytes.len() / 2]).unwrap(),
            Self::Flipped => {
                let mut changed = bytes.clone();
                changed[bytes.len() / 2] ^= 1;
                fs::write(path, changed).unwrap();
            }
            Self::Removed => {}
            Self::Folder => fs::create_dir(path).unwrap(),
            Self::Link => {
                fs::write(beside, &bytes).unwrap();
                symlink(beside, path).unwrap();
            }
            Self::Pipe => {
                assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
            }
        }
    }
}

/// Two kept releases, of which the images of the older one are only in the vault.
struct Kept {
    ground: Ground,
    root: PathBuf,
    /// The backup of the older one, and another one.
    old: String,
    other: String,
    /// The older one's images.
    images: Vec<String>,
}

impl Kept {
    fn new(name: &str) -> Option<Self> {
        let mut ground = Ground::new(name)?;
        ground.undisturbed(Verb::Deploy, None);
        let backups = fs::read_link(ground.stack.path().join(".backup")).unwrap();
        let root = backups.parent().unwrap().to_owned();
        let backups = ground.stack.backstay(&["--json", "backups"]).ends(0);
        let list: serde_json::Value =
            serde_json::from_str(backups.screen.lines().nth(1).unwrap()).unwrap();
        let folder = |at: usize| list["backups"][at]["folder"].as_str().unwrap().to_owned();
        let images = list["backups"][1]["release"]["services"].as_object().unwrap();
        let images: Vec<String> =
            images.values().map(|image| image.as_str().unwrap().to_owned()).collect();
        let mut arguments = vec!["rmi"];
        arguments.extend(images.iter().map(String::as_str));
        ground.stack.lines(&arguments);
        Some(Self { old: folder(1), other: folder(0), ground, root, images })
    }

    /// The files below a folder of the stack's state.
    fn files(&self, folder: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut open = vec![self.root.join(folder)];
        while let Some(next) = open.pop() {
            for entry in fs::read_dir(next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { open.push(path) } else { found.push(path) }
            }
        }
        found.sort();
        found
    }

    /// Damages a file, and looks whether it is named by `verify`, and refused by these with nothing changed.
    #[track_caller]
    fn refused(&self, path: &Path, harm: Harm, commands: &[&[&str]], before: &Picture) {
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy");
        fs::copy(path, &copy).unwrap();
        harm.happen(path, &folder.path().join("beside"));
        let name = path.strip_prefix(&self.root).unwrap().display().to_string();
        // Of a list in the vault that is gone, the release that needs it is told as well.
        let stack = &self.ground.stack;
        let what = format!("{harm:?} {name}");
        eprintln!("{what}");
        let listed = self.listing();
        let verified = stack.backstay(&["backups", "verify"]);
        assert_eq!(verified.code, Some(7), "{what}: {}", verified.screen);
        assert!(verified.screen.contains(&name), "{what}: {}", verified.screen);
        for command in commands {
            let run = stack.backstay(command);
            assert_eq!(run.code, Some(7), "{what}: {}", run.screen);
            assert!(run.screen.contains(&name), "{what}: {}", run.screen);
        }
        assert_eq!(&stack.picture(), before, "{what}");
        assert_eq!(self.listing(), listed, "{what}");
        match harm {
            Harm::Folder => fs::remove_dir(path).unwrap(),
            Harm::Removed => {}
            _ => fs::remove_file(path).unwrap(),
        }
        fs::copy(&copy, path).unwrap();
    }

    /// Names, sizes and times of all that is kept, but for the lock.
    fn listing(&self) -> Vec<String> {
        let format = "%P %y %m %s %T@\n";
        let mut find = Command::new("find");
        find.arg(&self.root).args(["-mindepth", "1", "!", "-name", "lock", "-printf", format]);
        let text = String::from_utf8(find.output().unwrap().stdout).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    }

    /// Each of these files with each harm, or a sample of that.
    fn each(&self, files: &[PathBuf], harms: &[Harm], sample: usize, commands: &[&[&str]]) {
        let before = self.ground.stack.picture();
        for number in chosen(files.len() * harms.len(), sample) {
            // So that a sample meets every harm and every file.
            let harm = harms[number % harms.len()];
            self.refused(&files[number / harms.len()], harm, commands, &before);
        }
    }
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_damaged_release_is_refused_and_another_one_comes_back() {
    let Some(kept) = Kept::new("x-release") else { return };
    let (old, other) = (kept.old.clone(), kept.other.clone());
    let back: &[&[&str]] = &[&["rollback", "--yes", &old], &["rollback", "--dry-run", &old]];
    kept.each(&kept.files(&format!("backups/{old}")), &HARMS, 5, back);

    // The images of that one are only in the vault.
    let list = |image: &String| {
        kept.root.join("vault/images").join(format!("{}.json", image.replace(':', "-")))
    };
    let lists: Vec<PathBuf> = kept.images.iter().map(list).collect();
    kept.each(&lists, &HARMS, 2, back);
    let text = fs::read_to_string(&lists[0]).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let entries = value["entries"].as_array().unwrap().iter();
    let name = |entry: &serde_json::Value| {
        let kept = entry["packed"]["sha256"].as_str().or(entry["sha256"].as_str());
        kept.map(str::to_owned)
    };
    let blobs = entries.filter_map(name);
    let blobs: Vec<PathBuf> =
        blobs.map(|blob| kept.root.join("vault/blobs/sha256").join(blob)).collect();
    kept.each(&blobs, &HARMS, 3, back);

    // With a backup that is damaged, another one comes back; then, whole again, that one too.
    let manifest = kept.root.join("backups").join(&old).join("release.json");
    let whole = fs::read(&manifest).unwrap();
    fs::write(&manifest, &whole[..whole.len() / 2]).unwrap();
    let stack = &kept.ground.stack;
    stack.backstay(&["backups"]).ends(0).says(&other).says("damaged: ");
    stack.backstay(&["rollback", "--yes", &other]).ends(0);
    assert_eq!(page(kept.ground.port, "/version").as_deref(), Some("2"));
    fs::write(&manifest, whole).unwrap();
    stack.backstay(&["rollback", "--yes", &old]).ends(0);
    assert_eq!(page(kept.ground.port, "/version").as_deref(), Some("1"));
    stack.backstay(&["backups", "verify"]).ends(0);
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn a_damaged_record_of_what_runs_or_of_a_run_is_refused_and_every_release_comes_back() {
    let Some(kept) = Kept::new("x-record") else { return };
    let stack = &kept.ground.stack;
    let deploy: &[&[&str]] = &[&["deploy"], &["status"]];
    kept.each(&kept.files("current"), &HARMS, 4, deploy);

    // Which of its lines is named, too.
    let journals = kept.files("journal");
    let all: &[&[&str]] = &[&["deploy"], &["recover"], &["status"], &["rollback", "--yes"]];
    kept.each(&journals, &[Harm::Flipped, Harm::Folder, Harm::Link, Harm::Pipe], 2, all);
    let text = fs::read_to_string(&journals[0]).unwrap();
    fs::write(&journals[0], text.replacen("\"index\":0", "\"index\":9", 1)).unwrap();
    let line = text.lines().position(|line| line.contains("\"index\":0")).unwrap() + 1;
    stack.backstay(&["recover"]).ends(7).says(&format!("is damaged at line {line}: "));
    fs::write(&journals[0], &text).unwrap();
    let newer = |path: &Path| {
        let whole = fs::read_to_string(path).unwrap();
        fs::write(path, whole.replacen("\"version\": 1", "\"version\": 2", 1)).unwrap();
        whole
    };
    let current = kept.root.join("current/release.json");
    let whole = newer(&current);
    for command in [&["deploy"][..], &["rollback", "--yes", &kept.old], &["status"]] {
        stack.backstay(command).ends(7).says("version 2").says("newer Backstay");
    }
    fs::write(&current, whole).unwrap();

    let before = stack.picture();
    fs::remove_file(&current).unwrap();
    stack.backstay(&["deploy"]).ends(7).says("current/release.json").says("move");
    stack.backstay(&["rollback", "--yes"]).ends(7).says("current/release.json");
    assert_eq!(stack.picture(), before);
    stack.backstay(&["backups"]).ends(0).says(&kept.old).says("current/release.json");
    stack.backstay(&["rollback", "--yes", &kept.old]).ends(0).says("recorded anew");
    assert_eq!(page(kept.ground.port, "/version").as_deref(), Some("1"));
    stack.backstay(&["backups", "verify"]).ends(0);
    // What ran was recorded anew, and comes back as it was.
    stack.backstay(&["rollback", "--yes", "1"]).ends(0);
    assert_eq!(page(kept.ground.port, "/version").as_deref(), Some("3"));
}
