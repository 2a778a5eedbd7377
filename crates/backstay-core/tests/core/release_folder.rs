//! A release's folder on a real disk.

use std::fs;
use std::path::{Path, PathBuf};

use backstay_core::Error;
use backstay_core::digest::digest;
use backstay_core::ports::Store;
use backstay_core::release::{
    FileRecord, Release, ReleaseFolder, VERSION, collect_files, read_release, write_release,
};
use backstay_core::stack::{Model, StackRef};
use backstay_core::store::DiskStore;
use serde_json::json;

use crate::release_format::{file, release};

const MODEL: &str = "name: shop\nservices: {}\n";

type Files = Vec<(FileRecord, Option<Vec<u8>>)>;

fn with_content(path: &str, content: &str) -> (FileRecord, Option<Vec<u8>>) {
    let digest = Some(digest(content.as_bytes()));
    (FileRecord { digest, ..file(path) }, Some(content.into()))
}

fn files() -> Files {
    vec![
        with_content("compose.yaml", "services: {}"),
        with_content("prod.yml", "x-prod: 1"),
        with_content(".env", "A=1"),
        with_content("conf/web/app.ini", "[a]"),
        (file("compose.override.yaml"), None),
    ]
}

fn write(path: &Path, files: &Files) -> backstay_core::Result<Release> {
    let containers = [json!({"Id": "c1"})];
    write_release(path, release("20240129_143052", 1), files, &containers, MODEL, None, &DiskStore)
}

fn read(path: &Path) -> ReleaseFolder {
    read_release(path, &DiskStore).unwrap().unwrap()
}

/// Every file below a folder, by its path from there.
fn names(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let inside = path.strip_prefix(folder).unwrap();
                found.push(inside.to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn what_is_written_is_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("20240129_143052");
    let written = write(&path, &files()).unwrap();
    let folder = read(&path);
    assert_eq!((&folder.release, &folder.path), (&written, &path));
    assert_eq!(folder.model(&DiskStore).unwrap(), MODEL);
    assert_eq!(folder.containers(&DiskStore).unwrap(), [json!({"Id": "c1"})]);
    for ((before, content), record) in files().iter().zip(&folder.release.files) {
        assert_eq!((&before.path, &before.digest), (&record.path, &record.digest));
        assert_eq!(&folder.file(record, &DiskStore).unwrap(), content);
    }
}

#[test]
fn the_guides_three_files_have_the_guides_names() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("r");
    write(&path, &files()).unwrap();
    assert_eq!(
        names(&path),
        [
            ".env",
            "containers.json",
            "docker-compose.yml",
            "files/conf/web/app.ini",
            "files/prod.yml",
            "model.yml",
            "release.json",
        ]
    );
    assert_eq!(fs::read_to_string(path.join("docker-compose.yml")).unwrap(), "services: {}");
    assert_eq!(fs::read_to_string(path.join(".env")).unwrap(), "A=1");
}

#[test]
fn a_stack_without_an_env_file_has_an_empty_one_that_is_not_part_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("r");
    let list: Files = vec![with_content("compose.yaml", "a"), (file(".env"), None)];
    let written = write(&path, &list).unwrap();
    assert_eq!(fs::read(path.join(".env")).unwrap(), b"");
    assert_eq!(written.files[1].stored, None);
    assert_eq!(read(&path).file(&written.files[1], &DiskStore).unwrap(), None);
}

#[test]
fn the_first_env_file_that_was_named_is_the_plain_copy() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("r");
    let mut named = release("x", 1);
    named.stack.env_files = vec!["/srv/shop/prod.env".into(), "/srv/shop/.env".into()];
    let list = vec![with_content("prod.env", "A=prod"), with_content(".env", "A=other")];
    let written = write_release(&path, named, &list, &[], MODEL, None, &DiskStore).unwrap();
    let stored: Vec<Option<&str>> = written.files.iter().map(|f| f.stored.as_deref()).collect();
    assert_eq!(stored, [Some(".env"), Some("files/.env")]);
    let folder = read(&path);
    for ((_, content), record) in list.iter().zip(&folder.release.files) {
        assert_eq!(&folder.file(record, &DiskStore).unwrap(), content);
    }
}

#[cfg(unix)]
#[test]
fn only_their_owner_can_read_them() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("deep/r");
    write(&path, &files()).unwrap();
    let mode = |path: &Path| DiskStore.metadata(path).unwrap().unwrap().mode;
    for folder in ["deep", "deep/r", "deep/r/files", "deep/r/files/conf", "deep/r/files/conf/web"] {
        assert_eq!(mode(&dir.path().join(folder)), 0o700, "{folder}");
    }
    for name in names(&path) {
        assert_eq!(mode(&path.join(&name)), 0o600, "{name}");
    }
    // The mode to restore is the user's.
    assert!(read(&path).release.files.iter().all(|record| record.mode == 0o644));
}

#[test]
fn a_folder_is_written_anew_as_a_whole() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("r");
    write(&path, &files()).unwrap();
    write(&path, &vec![with_content("compose.yaml", "b")]).unwrap();
    assert_eq!(
        names(&path),
        [".env", "containers.json", "docker-compose.yml", "model.yml", "release.json"]
    );
    assert_eq!(read(&path).release.files.len(), 1);
}

#[test]
fn a_name_that_leaves_the_folder_is_refused_and_leaves_no_manifest() {
    for name in ["../outside", "a/../../outside", "..", "./a/.."] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x/r");
        let error = write(&path, &vec![with_content(name, "evil")]).unwrap_err();
        assert!(matches!(error, Error::Outside { .. }), "{name}: {error}");
        assert!(read_release(&path, &DiskStore).unwrap().is_none());
        let evil = names(dir.path())
            .into_iter()
            .any(|file| fs::read(dir.path().join(file)).unwrap() == b"evil");
        assert!(!evil, "{name}");
    }
}

/// Puts a manifest into a folder that a program with other rules, or somebody else, has written.
fn plant(path: &Path, records: Vec<FileRecord>) {
    fs::create_dir_all(path).unwrap();
    let planted = Release { files: records, ..release("x", 1) };
    fs::write(path.join("release.json"), planted.encode().unwrap()).unwrap();
}

#[test]
fn a_manifest_that_names_a_place_outside_of_the_stack_is_refused() {
    for name in ["../passwd", "/etc/passwd", "a/../../b", ""] {
        let dir = tempfile::tempdir().unwrap();
        plant(dir.path(), vec![file(name)]);
        let error = read_release(dir.path(), &DiskStore).unwrap_err();
        assert!(matches!(error, Error::Outside { .. }), "{name}: {error}");
    }
}

#[test]
fn a_file_outside_of_the_stack_may_have_any_path() {
    let dir = tempfile::tempdir().unwrap();
    plant(dir.path(), vec![FileRecord { outside: true, ..file("/etc/hosts") }]);
    assert!(read_release(dir.path(), &DiskStore).unwrap().is_some());
}

#[test]
fn a_stored_name_that_leaves_the_folder_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("r");
    fs::write(dir.path().join("secret"), "s").unwrap();
    for name in ["../secret", "files/../../secret", "/etc/hostname", ""] {
        let record = FileRecord {
            stored: Some(name.into()),
            digest: Some(digest(b"s")),
            ..file("compose.yaml")
        };
        plant(&path, vec![record.clone()]);
        let error = read(&path).file(&record, &DiskStore).unwrap_err();
        assert!(matches!(error, Error::Outside { .. }), "{name}: {error}");
    }
}

#[cfg(unix)]
#[test]
fn a_stored_file_that_is_a_link_is_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("r");
    let written = write(&path, &vec![with_content("compose.yaml", "services: {}")]).unwrap();
    let copy = path.join("docker-compose.yml");
    fs::remove_file(&copy).unwrap();
    fs::write(dir.path().join("same"), "services: {}").unwrap();
    std::os::unix::fs::symlink(dir.path().join("same"), &copy).unwrap();
    assert!(read(&path).file(&written.files[0], &DiskStore).is_err());
}

#[test]
fn a_copy_that_was_changed_or_lost_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("r");
    let written = write(&path, &files()).unwrap();
    let copy = path.join("files/prod.yml");
    fs::write(&copy, "x-prod: 2").unwrap();
    let error = read(&path).file(&written.files[1], &DiskStore).unwrap_err();
    assert!(matches!(&error, Error::Damaged { file, .. } if file == &copy), "{error}");
    fs::remove_file(&copy).unwrap();
    assert!(matches!(read(&path).file(&written.files[1], &DiskStore), Err(Error::Damaged { .. })));
}

#[test]
fn a_folder_without_a_manifest_is_no_release() {
    let dir = tempfile::tempdir().unwrap();
    assert!(read_release(dir.path(), &DiskStore).unwrap().is_none());
    assert!(read_release(&dir.path().join("none"), &DiskStore).unwrap().is_none());
    fs::write(dir.path().join("file"), "").unwrap();
    assert!(read_release(&dir.path().join("file"), &DiskStore).unwrap().is_none());
}

#[test]
fn a_damaged_or_newer_manifest_is_an_error_that_names_it() {
    let dir = tempfile::tempdir().unwrap();
    let manifest = dir.path().join("release.json");
    fs::write(&manifest, "{").unwrap();
    match read_release(dir.path(), &DiskStore) {
        Err(Error::Damaged { file, .. }) => assert_eq!(file, manifest),
        other => panic!("{other:?}"),
    }
    let newer = Release { version: VERSION + 1, ..release("x", 1) };
    fs::write(&manifest, newer.encode().unwrap()).unwrap();
    match read_release(dir.path(), &DiskStore) {
        Err(Error::TooNew { file, found, known }) => {
            assert_eq!((file, found, known), (manifest, VERSION + 1, VERSION));
        }
        other => panic!("{other:?}"),
    }
}

/// A stack in a folder, and what is collected of it.
struct Stack {
    dir: tempfile::TempDir,
    stack: StackRef,
}

impl Stack {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let directory = dir.path().join("shop");
        fs::create_dir(&directory).unwrap();
        let files = vec![directory.join("compose.yaml")];
        Self { dir, stack: StackRef { directory, files, ..StackRef::default() } }
    }

    fn put(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.stack.directory.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    fn collect(&self, services: &str) -> Files {
        let directory = self.stack.directory.to_str().unwrap();
        let yaml = format!("name: shop\n{}", services.replace("DIR", directory));
        collect_files(&self.stack, &Model::parse(&yaml).unwrap(), &DiskStore).unwrap()
    }
}

/// The content that was collected for a path; `None` for one that is recorded as absent.
fn collected<'a>(files: &'a Files, path: &str) -> Option<&'a [u8]> {
    let found = files.iter().find(|(record, _)| record.path == path);
    let (record, content) = found.unwrap_or_else(|| panic!("{path} is not part of {files:?}"));
    assert_eq!(record.digest, content.as_ref().map(|bytes| digest(bytes)), "{path}");
    assert!(!record.outside && record.stored.is_none());
    content.as_deref()
}

#[test]
fn everything_that_the_model_is_made_of_is_collected() {
    let stack = Stack::new();
    stack
        .put("compose.yaml", "include: [more.yml]\nservices: {web: {env_file: [a.env, gone.env]}}");
    stack.put("more.yml", "services: {}");
    stack.put("a.env", "A=1");
    stack.put("compose.override.yaml", "x: 1");
    stack.put("conf/app.ini", "[a]");
    stack.put("token", "t");
    stack.put("data.db", [0, 1]);
    stack.put("unrelated", "u");
    let files = stack.collect("services: {web: {image: w, configs: [{source: c}], secrets: [{source: s}], volumes: [{type: bind, source: DIR/conf/app.ini, target: /a, read_only: true}, {type: bind, source: DIR/data.db, target: /d}]}}\nconfigs: {c: {file: DIR/conf/app.ini}}\nsecrets: {s: {file: DIR/token}}");
    assert_eq!(collected(&files, "more.yml"), Some(&b"services: {}"[..]));
    assert_eq!(collected(&files, "a.env"), Some(&b"A=1"[..]));
    assert_eq!(collected(&files, "compose.override.yaml"), Some(&b"x: 1"[..]));
    assert_eq!(collected(&files, "conf/app.ini"), Some(&b"[a]"[..]));
    assert_eq!(collected(&files, "token"), Some(&b"t"[..]));
    for absent in [".env", "gone.env", "docker-compose.override.yml"] {
        assert_eq!(collected(&files, absent), None, "its absence is part of the release");
    }
    assert!(files.iter().all(|(record, _)| record.path != "data.db" && record.path != "unrelated"));
    assert!(files.is_sorted_by(|a, b| a.0.path < b.0.path), "each path once");
}

#[test]
fn a_file_outside_of_the_stack_is_named_by_its_whole_path_and_copied() {
    let mut stack = Stack::new();
    stack.put("compose.yaml", "");
    let shared = stack.put("../shared.env", "A=1");
    stack.stack.env_files = vec![stack.stack.directory.join("../shared.env")];
    let files = stack.collect("services: {}");
    let (record, content) = files.iter().find(|(record, _)| record.outside).unwrap();
    let plain = stack.dir.path().canonicalize().unwrap().join("shared.env");
    assert_eq!(Path::new(&record.path), plain);
    assert!(shared.exists() && record.stored.is_none());
    assert_eq!(content.as_deref(), Some(b"A=1".as_slice()));
    assert_eq!(record.digest, Some(digest(b"A=1")));
}

#[cfg(unix)]
#[test]
fn permission_bits_are_collected() {
    use std::os::unix::fs::PermissionsExt;
    let stack = Stack::new();
    let path = stack.put("compose.yaml", "");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let files = stack.collect("services: {}");
    let (record, _) = files.iter().find(|(record, _)| record.path == "compose.yaml").unwrap();
    assert_eq!(record.mode, 0o640);
}

/// A link in the stack's directory.
#[cfg(unix)]
fn link(stack: &Stack, to: &str, at: &str) {
    std::os::unix::fs::symlink(to, stack.stack.directory.join(at)).unwrap();
}

#[cfg(unix)]
#[test]
fn a_file_behind_a_link_is_collected_and_the_link_is_not_taken_for_absent() {
    let stack = Stack::new();
    stack.put("compose.yaml", "");
    stack.put("env/prod", "A=1");
    link(&stack, "env/prod", ".env");
    let files = stack.collect("services: {}");
    assert_eq!(collected(&files, "env/prod"), Some(&b"A=1"[..]));
    assert!(files.iter().all(|(record, _)| record.path != ".env" || record.digest.is_some()));
}

#[cfg(unix)]
#[test]
fn a_file_behind_a_link_that_leads_out_of_the_stack_is_outside() {
    let stack = Stack::new();
    stack.put("compose.yaml", "");
    stack.put("../shared.env", "A=1");
    link(&stack, "../shared.env", ".env");
    let files = stack.collect("services: {}");
    let (record, content) = files.iter().find(|(record, _)| record.outside).unwrap();
    assert_eq!(record.digest.as_ref(), Some(&digest(b"A=1")));
    assert_eq!(content.as_deref(), Some(b"A=1".as_slice()));
    assert!(files.iter().all(|(record, _)| record.path != ".env"));
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_like_a_file_that_is_not_there() {
    let stack = Stack::new();
    stack.put("compose.yaml", "");
    link(&stack, "gone", ".env");
    let files = stack.collect("services: {}");
    assert_eq!(collected(&files, ".env"), None);
}

#[cfg(unix)]
#[test]
fn what_a_compose_file_behind_a_link_names_is_collected() {
    let stack = Stack::new();
    stack.put("stacks/prod.yml", "services: {web: {env_file: web.env}}");
    stack.put("web.env", "A=1");
    link(&stack, "stacks/prod.yml", "compose.yaml");
    let files = stack.collect("services: {}");
    assert!(collected(&files, "stacks/prod.yml").is_some());
    assert_eq!(collected(&files, "web.env"), Some(&b"A=1"[..]));
}

#[test]
fn what_an_included_file_names_is_collected_too() {
    let stack = Stack::new();
    stack.put("compose.yaml", "include: [parts/one.yml]");
    stack.put("parts/one.yml", "include: [two.yml]\nservices: {a: {extends: {file: base.yml, service: b}, env_file: a.env}}");
    for path in ["parts/two.yml", "parts/base.yml", "parts/a.env"] {
        stack.put(path, "x: 1");
    }
    let files = stack.collect("services: {}");
    for path in ["parts/one.yml", "parts/two.yml", "parts/base.yml", "parts/a.env"] {
        assert!(files.iter().any(|(record, _)| record.path == path), "{path} is missing");
    }
}

/// Whatever byte of whatever file of a release is changed, cut off or gone: it is found, and its file named.
#[test]
fn every_damage_to_a_release_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("20240129_143052");
    let services = ["web".to_owned()];
    let model = "name: shop\nservices: {web: {image: w}}\n";
    let release = release("r1", 1);
    let list = files();
    write_release(&path, release, &list, &[json!({"Id": "a"})], model, Some(&services), &DiskStore)
        .unwrap();
    let damage = || match read_release(&path, &DiskStore) {
        Ok(Some(folder)) => folder.damage(&DiskStore).iter().map(ToString::to_string).collect(),
        Ok(None) => vec!["no release".to_owned()],
        Err(error) => vec![error.to_string()],
    };
    assert_eq!(damage(), [""; 0]);
    for name in names(&path) {
        let place = path.join(&name);
        let whole = fs::read(&place).unwrap();
        for at in (0..whole.len()).step_by(7) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x10;
            fs::write(&place, bytes).unwrap();
            assert!(damage().concat().contains(&name), "{name}, byte {at}");
            fs::write(&place, &whole[..at]).unwrap();
            assert!(damage().concat().contains(&name), "{name}, cut at {at}");
        }
        fs::remove_file(&place).unwrap();
        assert!(!damage().is_empty(), "{name} is gone");
        fs::create_dir(&place).unwrap();
        assert!(!damage().is_empty(), "{name} is a folder");
        fs::remove_dir(&place).unwrap();
        fs::write(&place, &whole).unwrap();
        assert_eq!(damage(), [""; 0]);
    }
}
