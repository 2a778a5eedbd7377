//! `release.json`, and what is found with it in the folder of a backup.

use std::path::Path;

use backstay_core::digest::digest;
use backstay_core::layout::Layout;
use backstay_core::release::{Catalog, Release, read_release};
use serde_json::Value;

use super::disk::disk;

/// Reads a manifest, as it is and with a digest that is right.
pub fn release(bytes: &[u8]) {
    read(bytes);
    if let Some(sealed) = sealed(bytes) {
        read(&sealed);
    }
}

fn read(bytes: &[u8]) {
    let Ok(release) = Release::decode(bytes) else { return };
    let written = release.encode().expect("a release has a JSON form");
    assert_eq!(Release::decode(&written).as_ref(), Ok(&release));
    assert!(release.is_same_as(&release));
    assert_eq!(release.images().count(), release.services.len());
    listed(bytes, &release);
}

/// A stack that has it as a backup and as what runs.
fn listed(bytes: &[u8], release: &Release) {
    let layout = Layout::new("/state", "/stack");
    let backup = layout.backup("20240129_143052");
    let manifest = |folder: &Path| folder.join("release.json");
    let store = disk(&[(&manifest(&backup), bytes), (&manifest(&layout.current()), bytes)]);
    let Ok(Some(folder)) = read_release(&backup, &*store) else { return };
    let inside = folder.release.files.iter().filter(|file| !file.outside);
    for place in inside.map(|file| backup.join(&file.path)) {
        assert!(!place.components().any(|part| part.as_os_str() == ".."), "{}", place.display());
        assert!(place.starts_with(&backup), "{}", place.display());
    }
    assert!(!folder.damage(&*store).is_empty(), "its parts are missing");
    let catalog = Catalog::read(&layout, &*store).expect("the folders are readable");
    assert_eq!(catalog.entries.len(), 1);
    assert!(catalog.next_sequence() >= release.sequence);
    assert!(catalog.find("1", &layout).is_ok());
    let _ = (catalog.previous(), catalog.previous_update());
}

/// The same with the digest that it should have; `None` where it is no JSON object.
fn sealed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut value: Value = serde_json::from_slice(bytes).ok()?;
    value.as_object_mut()?.remove("digest");
    let sum = digest(value.to_string().as_bytes());
    value.as_object_mut()?.insert("digest".to_owned(), sum.into());
    Some(value.to_string().into_bytes())
}
