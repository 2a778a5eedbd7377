//! An exported release: what is whole comes back, what is not is refused.

use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;
use std::sync::Arc;

use backstay_core::Error;
use backstay_core::archive::{Incoming, Outgoing, Unpacking};
use backstay_core::context::Cancel;
use backstay_core::digest::digest;
use backstay_core::release::{FileRecord, read_release, write_release};
use backstay_core::store::DiskStore;
use backstay_core::vault::Vault;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::release_format::{file, release};

const IMAGE: &str = "sha256:1";

fn tar(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, content) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o600);
        header.set_size(content.len() as u64);
        builder.append_data(&mut header, path, content.as_slice()).unwrap();
    }
    builder.into_inner().unwrap()
}

/// A vault with the image, and what the release is exported as.
fn exported(root: &Path) -> Vec<u8> {
    let vault = Vault::new(root.join("vault"), Arc::new(DiskStore));
    let layer = vec![7; 3000];
    let blob = digest(&layer).replace("sha256:", "blobs/sha256/");
    vault.put(IMAGE, &mut tar(&[(&blob, layer), ("config", b"{}".to_vec())]).as_slice()).unwrap();
    let content = b"services: {}".to_vec();
    let long = format!("conf/{}/app.ini", "x".repeat(150));
    let record = |path: &str| FileRecord { digest: Some(digest(&content)), ..file(path) };
    let files = ["compose.yaml", &long].map(|path| (record(path), Some(content.clone())));
    let path = root.join("20240129_143052");
    let model = "name: shop\nservices: {}\n";
    let containers = [json!({"Id": "c1"})];
    write_release(&path, release("r1", 1), &files, &containers, model, None, &DiskStore).unwrap();
    fs::write(path.join("pinned"), "\n").unwrap();
    let folder = read_release(&path, &DiskStore).unwrap().unwrap();
    let outgoing = Outgoing::new(&folder, "20240129_143052", &vault, Arc::new(DiskStore)).unwrap();
    let mut bytes = Vec::new();
    outgoing.write(&mut bytes, Path::new("/x"), &Cancel::never()).unwrap();
    bytes
}

/// Unpacks beside an empty vault.
fn unpack(bytes: Vec<u8>) -> Result<TempDir, Error> {
    let root = tempfile::tempdir().unwrap();
    let incoming = Incoming::begin(Path::new("/x"), Box::new(Cursor::new(bytes)))?;
    let vault = Vault::new(root.path().join("vault"), Arc::new(DiskStore));
    let place = Unpacking::new(root.path().join("in"), vault, Arc::new(DiskStore));
    incoming.unpack(&place, &Cancel::never())?;
    Ok(root)
}

fn is_refused(bytes: Vec<u8>, what: &str) {
    match unpack(bytes) {
        Err(Error::NotImportable { .. } | Error::TooNew { .. }) => {}
        Err(other) => panic!("{what}: {other}"),
        Ok(_) => panic!("{what} is taken"),
    }
}

/// The entries of an export.
fn entries(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let plain = zstd::decode_all(bytes).unwrap();
    let mut archive = tar::Archive::new(plain.as_slice());
    let entries = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        (entry.path().unwrap().to_str().unwrap().to_owned(), content)
    });
    entries.collect()
}

fn packed(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let entries: Vec<(&str, Vec<u8>)> =
        entries.iter().map(|(path, content)| (path.as_str(), content.clone())).collect();
    zstd::encode_all(tar(&entries).as_slice(), 1).unwrap()
}

/// The same with another list of contents, which is sealed anew.
fn relisted(bytes: &[u8], change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut all = entries(bytes);
    let mut list: Value = serde_json::from_slice(&all[0].1).unwrap();
    list.as_object_mut().unwrap().remove("digest");
    change(&mut list);
    let sum = digest(list.to_string().as_bytes());
    list["digest"] = sum.into();
    all[0].1 = (list.to_string() + "\n").into_bytes();
    packed(&all)
}

#[test]
fn what_is_exported_comes_back_and_is_the_same_each_time() {
    let root = tempfile::tempdir().unwrap();
    let bytes = exported(root.path());
    assert_eq!(exported(&root.path().join("again")), bytes);
    let place = unpack(bytes.clone()).unwrap();
    let (before, after) = (root.path().join("20240129_143052"), place.path().join("in/release"));
    let read = |path: &Path| read_release(path, &DiskStore).unwrap().unwrap();
    assert_eq!(read(&after).release, read(&before).release);
    assert!(read(&after).damage(&DiskStore).is_empty());
    assert!(!after.join("pinned").exists());
    for blob in fs::read_dir(place.path().join("in/blobs")).unwrap() {
        let path = blob.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        assert_eq!(digest(&fs::read(&path).unwrap()), format!("sha256:{name}"));
    }
    // Packed by somebody else, but with the same content.
    unpack(packed(&entries(&bytes))).unwrap();
}

#[test]
fn what_is_cut_or_changed_anywhere_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let bytes = exported(root.path());
    for at in (0..bytes.len()).step_by(37).chain([bytes.len() - 1]) {
        is_refused(bytes[..at].to_vec(), &format!("cut at {at}"));
        let mut changed = bytes.clone();
        changed[at] ^= 0x10;
        is_refused(changed, &format!("changed at {at}"));
    }
    let all = entries(&bytes);
    for at in 1..all.len() {
        let mut changed = all.clone();
        changed[at].1.push(b'x');
        is_refused(packed(&changed), "a longer entry");
        let mut changed = all.clone();
        if let Some(first) = changed[at].1.first_mut() {
            *first ^= 1;
            is_refused(packed(&changed), "another content");
        }
        let mut fewer = all.clone();
        fewer.remove(at);
        is_refused(packed(&fewer), "an entry less");
    }
    is_refused([bytes, b"more".to_vec()].concat(), "something behind it");
    let more = [all, vec![("release/more".to_owned(), b"x".to_vec())]].concat();
    is_refused(packed(&more), "an entry more");
}

#[test]
fn names_that_lead_elsewhere_and_what_is_no_file_are_refused() {
    let root = tempfile::tempdir().unwrap();
    let bytes = exported(root.path());
    let evil = ["release/../../evil", "release//evil", "release/a\\..\\evil", "/evil", "evil"];
    for name in evil {
        let mut all = entries(&bytes);
        all[1].0 = name.trim_start_matches('/').replace("..", "__");
        let changed = relisted(&packed(&all), |list| list["entries"][0]["path"] = name.into());
        is_refused(changed, name);
    }
    for (kind, link) in [
        (tar::EntryType::Symlink, Some("/etc/passwd")),
        (tar::EntryType::Link, Some("release/.env")),
        (tar::EntryType::Fifo, None),
    ] {
        let all = entries(&bytes);
        let mut builder = tar::Builder::new(Vec::new());
        for (at, (path, content)) in all.iter().enumerate() {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            if at == 1 {
                header.set_entry_type(kind);
                link.iter().for_each(|link| header.set_link_name(link).unwrap());
            }
            builder.append_data(&mut header, path, content.as_slice()).unwrap();
        }
        let tar = builder.into_inner().unwrap();
        is_refused(zstd::encode_all(tar.as_slice(), 1).unwrap(), &format!("{kind:?}"));
    }
}

#[test]
fn a_list_that_does_not_fit_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let bytes = exported(root.path());
    // The way of changing it changes nothing by itself.
    unpack(relisted(&bytes, |_| {})).unwrap();
    is_refused(relisted(&bytes, |list| list["version"] = 2.into()), "a newer one");
    is_refused(relisted(&bytes, |list| list["folder"] = "../x".into()), "a name");
    is_refused(relisted(&bytes, |list| list["project"] = "other".into()), "a project");
    is_refused(relisted(&bytes, |list| list["images"] = json!([])), "no images");
    let huge = |list: &mut Value| list["entries"][0]["size"] = (1_u64 << 40).into();
    is_refused(relisted(&bytes, huge), "a huge file");
    is_refused(b"no archive".to_vec(), "something else");
}
