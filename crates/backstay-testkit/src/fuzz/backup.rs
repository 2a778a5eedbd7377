//! What else stands in the folder of a backup: files that the old scripts wrote, too.

use backstay_core::layout::Layout;
use backstay_core::ops::images_in_containers;
use backstay_core::release::Catalog;
use backstay_core::secrets::in_containers;

use super::disk::disk;

/// Reads the bytes as a list of containers and as a list of services.
pub fn backup(bytes: &[u8]) {
    for (service, image) in images_in_containers(bytes) {
        assert!(image.starts_with("sha256:"), "{service}: {image}");
    }
    if let Ok(containers) = serde_json::from_slice::<Vec<serde_json::Value>>(bytes) {
        let found = in_containers(&containers);
        assert!(found.all().all(|value| value.trim() == value && !value.is_empty()));
    }
    let layout = Layout::new("/state", "/stack");
    let list = layout.backup("update_20240129_143052").join("services.txt");
    let store = disk(&[(&list, bytes)]);
    let entries = Catalog::entries(&layout, &*store).expect("the folder is readable");
    assert_eq!(entries.len(), 1);
    for name in &entries[0].services {
        assert!(!name.is_empty() && !name.contains(['\n', ',']) && name.trim() == name, "{name:?}");
    }
}
