//! The vault on a real disk.

mod layout;

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read};
use std::sync::Arc;

use super::Vault;
use crate::digest::digest;
use crate::store::DiskStore;

type Files = Vec<(String, Vec<u8>)>;

fn vault() -> (tempfile::TempDir, Vault) {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::new(folder.path().join("vault"), Arc::new(DiskStore));
    (folder, vault)
}

/// A stream that breaks.
struct Failing;

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("broken"))
    }
}

fn blob(content: &[u8]) -> (String, Vec<u8>) {
    (digest(content).replace("sha256:", "blobs/sha256/"), content.to_vec())
}

fn export(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Directory);
    header.set_mode(0o755);
    header.set_size(0);
    builder.append_data(&mut header, "blobs/", io::empty()).unwrap();
    for (path, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(content.len() as u64);
        builder.append_data(&mut header, path, content.as_slice()).unwrap();
    }
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_mode(0o777);
    header.set_size(0);
    builder.append_link(&mut header, "a/layer.tar", "../b/layer.tar").unwrap();
    builder.into_inner().unwrap()
}

fn files_of(mut tar: &[u8]) -> (Files, usize) {
    let mut archive = tar::Archive::new(&mut tar);
    let (mut files, mut links) = (Vec::new(), 0);
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        links += usize::from(entry.link_name().unwrap().is_some());
        if entry.header().entry_type().is_file() {
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            files.push((entry.path().unwrap().to_str().unwrap().to_owned(), content));
        }
    }
    (files, links)
}

fn content(vault: &Vault, image: &str) -> Vec<u8> {
    let mut out = Vec::new();
    vault.get(image).unwrap().read_to_end(&mut out).unwrap();
    out
}

fn blob_files(vault: &Vault) -> usize {
    fs::read_dir(vault.root().join("blobs/sha256")).map_or(0, Iterator::count)
}

#[test]
fn what_is_put_comes_back() {
    let (_folder, vault) = vault();
    let long = format!("{}/file", "x".repeat(150));
    let files = vec![
        blob(b"layer one"),
        blob(&vec![7; 300_000]),
        blob(b""),
        (long, b"long".to_vec()),
        ("manifest.json".to_owned(), vec![1; 512]),
    ];
    vault.put("sha256:aa", &mut export(&files).as_slice()).unwrap();
    assert!(vault.has("sha256:aa").unwrap());
    assert!(!vault.has("sha256:bb").unwrap());
    vault.check("sha256:aa").unwrap();
    let tar = content(&vault, "sha256:aa");
    assert_eq!(tar.len() % 512, 0);
    assert_eq!(files_of(&tar), (files, 1));
}

#[test]
fn what_two_images_share_is_stored_once_and_kept_as_long_as_one_of_them() {
    let (_folder, vault) = vault();
    let (base, one, two) = (blob(b"base"), blob(b"one"), blob(b"two"));
    vault.put("sha256:aa", &mut export(&[base.clone(), one]).as_slice()).unwrap();
    vault.put("sha256:bb", &mut export(&[base, two]).as_slice()).unwrap();
    assert_eq!(blob_files(&vault), 3);
    vault.collect_garbage(&BTreeSet::from(["sha256:bb".to_owned()])).unwrap();
    assert_eq!(vault.images().unwrap(), BTreeSet::from(["sha256:bb".to_owned()]));
    assert_eq!(blob_files(&vault), 2);
    vault.check("sha256:bb").unwrap();
    vault.remove("sha256:bb").unwrap();
    vault.remove("sha256:bb").unwrap();
    vault.collect_garbage(&BTreeSet::new()).unwrap();
    assert_eq!(blob_files(&vault), 0);
}

#[test]
fn an_export_that_is_cut_leaves_nothing_behind() {
    let (_folder, vault) = vault();
    vault.put("sha256:aa", &mut export(&[blob(b"base")]).as_slice()).unwrap();
    let whole = export(&[blob(b"base"), blob(&[7; 5000])]);
    for end in [600, 2000, 5000] {
        let mut cut = (&whole[..end]).chain(Failing);
        assert!(vault.put("sha256:bb", &mut cut).is_err(), "{end}");
        assert_eq!(blob_files(&vault), 1, "{end}");
    }
    assert!(!vault.has("sha256:bb").unwrap());
    assert!(vault.put("sha256:bb", &mut &whole[..2000]).is_err());
    assert!(vault.put("sha256:bb", &mut io::empty()).is_err());
}

#[test]
fn damage_is_found_and_named() {
    let (_folder, vault) = vault();
    let (path, bytes) = blob(b"base");
    vault.put("sha256:aa", &mut export(&[(path.clone(), bytes)]).as_slice()).unwrap();
    let file = vault.root().join(&path);
    for damage in ["bass", "bas", "base!"] {
        fs::write(&file, damage).unwrap();
        let error = vault.check("sha256:aa").unwrap_err().to_string();
        assert!(error.contains(&*file.to_string_lossy()), "{error}");
    }
    assert!(!vault.has("sha256:aa").unwrap());
    fs::remove_file(&file).unwrap();
    assert!(vault.check("sha256:aa").unwrap_err().to_string().contains(&path));
    vault.put("sha256:aa", &mut export(&[blob(b"base")]).as_slice()).unwrap();
    vault.check("sha256:aa").unwrap();
}

#[test]
fn a_blob_must_have_the_digest_that_its_path_says() {
    let (_folder, vault) = vault();
    let lie = (blob(b"one").0, b"two".to_vec());
    let error = vault.put("sha256:aa", &mut export(&[lie]).as_slice()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    assert_eq!(blob_files(&vault), 0);
}

#[test]
fn an_export_without_all_that_it_lists_is_not_there() {
    let (_folder, vault) = vault();
    let (path, bytes) = blob(b"layer");
    let list = format!(r#"[{{"Config":"{path}","RepoTags":null,"Layers":["blobs/sha256/0a"]}}]"#);
    let parts = [(path, bytes), ("manifest.json".to_owned(), list.into_bytes())];
    let error = vault.put("sha256:aa", &mut export(&parts).as_slice()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    assert!(error.to_string().contains("blobs/sha256/0a"), "{error}");
    assert!(!vault.has("sha256:aa").unwrap());
    assert_eq!(blob_files(&vault), 0);
}

#[test]
fn a_path_that_leads_outside_is_refused() {
    for bad in ["../x", "a/../../x", "/etc/x", "C:/x"] {
        let (_folder, vault) = vault();
        let mut header = tar::Header::new_gnu();
        // `set_path` would refuse these itself.
        header.as_mut_bytes()[..bad.len()].copy_from_slice(bad.as_bytes());
        header.set_mode(0o644);
        header.set_size(0);
        header.set_cksum();
        let mut tar = header.as_bytes().to_vec();
        tar.extend([0; 1024]);
        let error = vault.put("sha256:aa", &mut tar.as_slice()).unwrap_err().to_string();
        assert!(error.contains("leads outside"), "{bad}: {error}");
    }
}

#[test]
fn a_newer_format_is_refused() {
    let (_folder, vault) = vault();
    vault.put("sha256:aa", &mut export(&[blob(b"base")]).as_slice()).unwrap();
    let file = vault.root().join("images/sha256-aa.json");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("\"version\": 2", "\"version\": 3")).unwrap();
    assert!(vault.has("sha256:aa").unwrap_err().to_string().contains("version 3"));
    fs::write(&file, "{").unwrap();
    assert!(!vault.has("sha256:aa").unwrap());
    assert!(vault.check("sha256:aa").unwrap_err().to_string().contains("sha256-aa.json"));
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, vault) = vault();
    let (path, bytes) = blob(b"base");
    vault.put("sha256:aa", &mut export(&[(path.clone(), bytes)]).as_slice()).unwrap();
    for file in [path.as_str(), "images/sha256-aa.json"] {
        let mode = fs::metadata(vault.root().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}
