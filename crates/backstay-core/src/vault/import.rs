//! From an export to blobs and a list.

use std::io::{self, Read};

use serde_json::Value;
use tar::{Archive, EntryType};

use super::blobs::{Blobs, Layers};
use super::index::{Index, Kind, StoredFile};
use super::sound::{checked, damaged};

/// More than such a list has, in bytes.
const LIST: u64 = 1 << 20;

/// Stores the files of an export and lists its entries. `layers` says what is kept compressed already. The digests of blobs
/// that were not there before are added to `added` as they are stored.
pub(super) fn import(
    blobs: &Blobs,
    image: &str,
    export: &mut dyn Read,
    layers: &Layers,
    added: &mut Vec<String>,
) -> io::Result<Index> {
    let mut entries = Vec::new();
    let mut archive = Archive::new(&mut *export);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = checked(&entry.path_bytes())?;
        let mode = entry.header().mode()? & 0o7777;
        let kind = match entry.header().entry_type() {
            EntryType::Directory => Kind::Directory,
            EntryType::Symlink => Kind::Symlink { target: target(&entry)? },
            EntryType::Link => Kind::Hardlink { target: target(&entry)? },
            EntryType::Regular | EntryType::Continuous => {
                let size = entry.size();
                let expected = path.strip_prefix("blobs/sha256/").map(|hex| (hex.to_owned(), size));
                let expected = expected.as_ref().map(|(hex, size)| (hex.as_str(), *size));
                let stored = blobs.put(&mut entry, expected, layers)?;
                added.extend(stored.added);
                if stored.size != size {
                    return Err(damaged(&format!("`{path}` is cut short")));
                }
                Kind::File { sha256: stored.sha256, size, packed: stored.packed }
            }
            EntryType::XGlobalHeader => continue,
            other => return Err(damaged(&format!("`{path}` is of the kind {other:?}"))),
        };
        entries.push(StoredFile { path, mode, kind });
    }
    // The stream may fail after the last entry as well.
    io::copy(export, &mut io::sink())?;
    if entries.is_empty() {
        return Err(damaged("it is empty"));
    }
    let index = Index::new(image, entries);
    complete(blobs, &index)?;
    Ok(index)
}

/// Whether an export has all that its own list names. Some engines leave out what they don't take for a part of the image, and
/// it could never be loaded again.
fn complete(blobs: &Blobs, index: &Index) -> io::Result<()> {
    for Parts { config, layers } in parts(blobs, index)? {
        for part in layers.iter().chain(&config) {
            if !index.entries.iter().any(|entry| entry.path == *part) {
                let problem = format!("the engine's export of the image lacks `{part}`");
                return Err(io::Error::new(io::ErrorKind::NotFound, problem));
            }
        }
    }
    Ok(())
}

/// What an image consists of: paths in the export.
pub(super) struct Parts {
    pub(super) config: Option<String>,
    pub(super) layers: Vec<String>,
}

/// What the export's own list says of its images; none where it has no such list.
pub(super) fn parts(blobs: &Blobs, index: &Index) -> io::Result<Vec<Parts>> {
    let Some(Kind::File { sha256, packed: None, .. }) = index.file("manifest.json") else {
        return Ok(Vec::new());
    };
    let mut text = String::new();
    blobs.open(sha256)?.take(LIST).read_to_string(&mut text)?;
    let Ok(Value::Array(images)) = serde_json::from_str(&text) else { return Ok(Vec::new()) };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let parts = images.iter().map(|image| Parts {
        config: image.get("Config").and_then(text),
        layers: image
            .get("Layers")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(text)
            .collect(),
    });
    Ok(parts.collect())
}

fn target<R: Read>(entry: &tar::Entry<'_, R>) -> io::Result<String> {
    let bytes = entry.link_name_bytes().ok_or_else(|| damaged("a link without a target"))?;
    String::from_utf8(bytes.into_owned()).map_err(|_| damaged("a link's target is not UTF-8"))
}
