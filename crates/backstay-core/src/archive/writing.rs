//! From what is kept to a file.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use zstd::stream::write::Encoder;

use super::blocks::{END, header, padding};
use super::contents::{Contents, Item};
use super::{BLOBS, IMAGES, LIST, PART, RELEASE, SMALL, VERSION};
use crate::context::Cancel;
use crate::digest::hex;
use crate::error::{Error, Result};
use crate::packing::LEVEL;
use crate::release::ReleaseFolder;
use crate::store::{EntryKind, Store};
use crate::store::{damaged, own_file};
use crate::vault::{Vault, image_file};

/// Beside a release, and no part of it: whether it is pinned is this machine's concern.
const LEFT_OUT: &str = "pinned";

/// A release on its way to a file.
pub struct Outgoing {
    contents: Contents,
    /// Where the entries are.
    files: Vec<PathBuf>,
    store: Arc<dyn Store>,
}

impl Outgoing {
    /// The release in a folder, which is read and checked for it. `name` is that of the backup it will be.
    ///
    /// # Errors
    /// What is damaged, or not in the vault.
    pub fn new(
        folder: &ReleaseFolder,
        name: &str,
        vault: &Vault,
        store: Arc<dyn Store>,
    ) -> Result<Self> {
        if let Some(damage) = folder.damage(&*store).into_iter().next() {
            return Err(damage);
        }
        let images: BTreeSet<String> = folder.release.images().map(str::to_owned).collect();
        let contents = Contents {
            version: VERSION,
            release: folder.release.id.clone(),
            folder: name.to_owned(),
            project: folder.release.project.clone(),
            images,
            entries: Vec::new(),
        };
        let mut outgoing = Self { contents, files: Vec::new(), store };
        for name in outgoing.names(&folder.path, "")? {
            let file = folder.path.join(&name);
            outgoing.add_small(format!("{RELEASE}{name}"), file)?;
        }
        let mut blobs = BTreeMap::new();
        for image in outgoing.contents.images.clone() {
            blobs.extend(vault.parts(&image)?);
            let path = format!("{IMAGES}{}", image_file(&image));
            outgoing.add_small(path, vault.index_file(&image))?;
        }
        for (sha256, size) in blobs {
            outgoing.files.push(vault.blob_file(&sha256));
            let path = format!("{BLOBS}{sha256}");
            outgoing.contents.entries.push(Item { path, size, sha256 });
        }
        Ok(outgoing)
    }

    /// The name of the backup that it will be.
    #[must_use]
    pub fn folder(&self) -> &str {
        &self.contents.folder
    }

    /// The release's id.
    #[must_use]
    pub fn release(&self) -> &str {
        &self.contents.release
    }

    /// How many images it has.
    #[must_use]
    pub fn images(&self) -> usize {
        self.contents.images.len()
    }

    /// The files below a folder of the release, by their names.
    fn names(&self, folder: &Path, above: &str) -> Result<Vec<String>> {
        let io = |error| Error::io("reading", folder, error);
        let mut found = Vec::new();
        for name in self.store.list(folder).map_err(io)? {
            let (place, inner) = (folder.join(&name), format!("{above}{name}"));
            match self.store.metadata(&place).map_err(io)?.map(|found| found.kind) {
                // What a crash left of a write.
                Some(EntryKind::File)
                    if name.starts_with(".backstay-") && name.ends_with(".tmp") => {}
                Some(EntryKind::File) if inner == LEFT_OUT => {}
                Some(EntryKind::File) => found.push(inner),
                Some(EntryKind::Directory) => {
                    found.extend(self.names(&place, &format!("{inner}/"))?);
                }
                Some(_) => return Err(damaged(&place, "it is neither a file nor a folder")),
                None => {}
            }
        }
        Ok(found)
    }

    fn add_small(&mut self, path: String, file: PathBuf) -> Result<()> {
        let bytes = own_file(&file, &*self.store)?;
        let item = Item { path, size: bytes.len() as u64, sha256: hex(&Sha256::digest(&bytes)) };
        if item.part().is_none() {
            let problem =
                format!("it can't be exported: its name, or more than {} MB", SMALL >> 20);
            return Err(damaged(&file, problem));
        }
        self.contents.entries.push(item);
        self.files.push(file);
        Ok(())
    }

    /// Writes it to `out`, which is what will be `file`. The same release gives the same bytes.
    ///
    /// # Errors
    /// A blob that is not what was stored, by name; what `out` says; [`Error::Interrupted`].
    pub fn write(&self, out: &mut dyn Write, file: &Path, cancel: &Cancel) -> Result<()> {
        let io = |error| Error::io("writing", file, error);
        let list = self.contents.to_bytes().map_err(|error| io(error.into()))?;
        // Layers that could be compressed are so already; this is for the rest.
        let mut out = Encoder::new(out, LEVEL).map_err(io)?;
        out.include_checksum(true).map_err(io)?;
        let size = list.len() as u64;
        for bytes in [&header(LIST, size).map_err(io)?, &list, padding(size)] {
            out.write_all(bytes).map_err(io)?;
        }
        for (item, from) in self.contents.entries.iter().zip(&self.files) {
            out.write_all(&header(&item.path, item.size).map_err(io)?).map_err(io)?;
            self.copy(item, from, cancel, &mut |bytes| out.write_all(bytes).map_err(io))?;
            out.write_all(padding(item.size)).map_err(io)?;
        }
        out.write_all(&END).map_err(io)?;
        out.finish().and_then(|out| out.flush()).map_err(io)
    }

    fn copy(
        &self,
        item: &Item,
        from: &Path,
        cancel: &Cancel,
        out: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let reading = |error| Error::io("reading", from, error);
        let mut content = self.store.open(from).map_err(reading)?;
        let (mut hash, mut size, mut part) = (Sha256::new(), 0, vec![0; PART]);
        loop {
            if cancel.is_set() {
                return Err(Error::Interrupted);
            }
            let count = match content.read(&mut part) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(reading(error)),
            };
            size += count as u64;
            if size > item.size {
                break;
            }
            hash.update(&part[..count]);
            out(&part[..count])?;
        }
        if size != item.size || hex(&hash.finalize()) != item.sha256 {
            return Err(damaged(from, "its digest does not match"));
        }
        Ok(())
    }
}
