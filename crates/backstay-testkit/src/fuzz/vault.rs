//! The vault's list of what an image consists of.

use std::path::Path;

use backstay_core::vault::Vault;

use super::disk::disk;

const IMAGE: &str = "sha256:0a";

/// The digest of [`BLOB`].
const DIGEST: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
const BLOB: &[u8] = b"hello";

/// Reads an image by a list. What comes of it is an export, or an error.
pub fn vault(bytes: &[u8]) {
    let list = Path::new("/vault/images/sha256-0a.json");
    let blob = Path::new("/vault/blobs/sha256").join(DIGEST);
    let store = disk(&[(list, bytes), (&blob, BLOB)]);
    let vault = Vault::new("/vault", store);
    let is_there = vault.has(IMAGE);
    let Ok(mut export) = vault.get(IMAGE) else { return };
    let mut tar = Vec::new();
    if std::io::Read::read_to_end(&mut export, &mut tar).is_err() {
        return;
    }
    assert!(matches!(is_there, Ok(true)), "it was read, but is said to be missing");
    assert_eq!(tar.len() % 512, 0, "an archive consists of blocks");
    let mut archive = tar::Archive::new(tar.as_slice());
    for entry in archive.entries().expect("an archive") {
        let entry = entry.expect("an entry");
        assert!(entry.path().is_ok());
    }
}
