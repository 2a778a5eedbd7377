//! From a file to a folder beside what is kept, where all of it is checked before anything of it can be seen.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use zstd::stream::read::Decoder;

use super::blocks::{Blocks, wrong};
use super::contents::{Contents, Item, Part};
use super::{LIST, PART, SMALL};
use crate::context::Cancel;
use crate::digest::hex;
use crate::error::{Error, Result};
use crate::release::{ReleaseFolder, read_release};
use crate::store::Store;
use crate::vault::{Vault, image_file};

type Input = Decoder<'static, BufReader<Box<dyn Read + Send + Sync>>>;

/// A file whose list of contents has been read.
pub struct Incoming {
    file: PathBuf,
    contents: Contents,
    blocks: Blocks<Input>,
}

/// Where a file is unpacked: not in the way of anything, and swept away after a crash.
pub struct Unpacking {
    folder: PathBuf,
    vault: Vault,
    store: Arc<dyn Store>,
}

/// What was in a file: all of it there, and as it was listed.
pub struct Unpacked {
    pub(crate) contents: Contents,
    pub(crate) release: ReleaseFolder,
    /// The lists of the images.
    pub(crate) lists: BTreeMap<String, Vec<u8>>,
    /// Where the blobs are that the vault did not have.
    pub(crate) blobs: PathBuf,
}

impl Unpacking {
    /// Into this folder; blobs that the vault has are only compared.
    pub fn new(folder: impl Into<PathBuf>, vault: Vault, store: Arc<dyn Store>) -> Self {
        Self { folder: folder.into(), vault, store }
    }
}

impl Incoming {
    /// Begins to read `file`, whose bytes come from `input`.
    ///
    /// # Errors
    /// [`Error::NotImportable`], [`Error::TooNew`].
    pub fn begin(file: &Path, input: Box<dyn Read + Send + Sync>) -> Result<Self> {
        let refuse = |error| refused(file, error);
        let input = Decoder::new(input).map_err(refuse)?;
        let mut blocks = Blocks::new(input);
        let list = blocks.next().and_then(|found| match found {
            Some((path, size)) if path == LIST && size <= SMALL => small(&mut blocks, size),
            _ => Err(wrong("it is not a release that was exported")),
        });
        let contents = Contents::from_bytes(&list.map_err(refuse)?, file)?;
        Ok(Self { file: file.to_owned(), contents, blocks })
    }

    /// The project of the release in it.
    #[must_use]
    pub fn project(&self) -> &str {
        &self.contents.project
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The bytes that it takes beside what is in the vault already.
    pub(crate) fn needs(&self, vault: &Vault) -> u64 {
        let is_there = |item: &&Item| {
            matches!(item.part(), Some(Part::Blob)) && vault.has_blob(&item.sha256, item.size)
        };
        let items = self.contents.entries.iter().filter(|item| !is_there(item));
        items.fold(0, |sum: u64, item| sum.saturating_add(item.size))
    }

    /// Unpacks and checks all of it.
    ///
    /// # Errors
    /// [`Error::NotImportable`] for what is not as it was listed, [`Error::Io`] of the disk, [`Error::Interrupted`].
    pub fn unpack(mut self, into: &Unpacking, cancel: &Cancel) -> Result<Unpacked> {
        let (store, file) = (&*into.store, self.file.clone());
        let refuse = |error| refused(&file, error);
        let (release, blobs) = (into.folder.join("release"), into.folder.join("blobs"));
        for folder in [&release, &blobs] {
            store.create_dir(folder).map_err(|error| Error::io("creating", folder, error))?;
        }
        let mut small_ones = BTreeMap::new();
        for item in &self.contents.entries {
            match self.blocks.next().map_err(refuse)? {
                Some((path, size)) if path == item.path && size == item.size => {}
                Some((path, _)) => return Err(refuse(wrong(&format!("`{path}` is not listed")))),
                None => return Err(refuse(wrong(&format!("it lacks `{}`", item.path)))),
            }
            match item.part() {
                Some(Part::Release(name)) => {
                    let bytes = checked(&mut self.blocks, item).map_err(refuse)?;
                    let place = release.join(name);
                    let io = |error| Error::io("writing", &place, error);
                    if let Some(above) = place.parent() {
                        store.create_dir(above).map_err(io)?;
                    }
                    store.write(&place, &bytes, 0o600).map_err(io)?;
                }
                Some(Part::List(name)) => {
                    let bytes = checked(&mut self.blocks, item).map_err(refuse)?;
                    small_ones.insert(name.to_owned(), bytes);
                }
                _ => {
                    let is_there = into.vault.has_blob(&item.sha256, item.size);
                    let folder = (!is_there).then_some(blobs.as_path());
                    blob(&mut self.blocks, item, folder, &file, store, cancel)?;
                }
            }
            if cancel.is_set() {
                return Err(Error::Interrupted);
            }
        }
        match self.blocks.next().map_err(refuse)? {
            Some((path, _)) => return Err(refuse(wrong(&format!("`{path}` is not listed")))),
            None => self.blocks.finish().map_err(refuse)?,
        }
        let release = self.release(&release, store)?;
        let lists = self.lists(small_ones)?;
        Ok(Unpacked { contents: self.contents, release, lists, blobs })
    }

    /// The release that was unpacked, where it is whole and the one that was listed.
    fn release(&self, folder: &Path, store: &dyn Store) -> Result<ReleaseFolder> {
        let refuse = |problem: String| Error::NotImportable { file: self.file.clone(), problem };
        let inside = |error: Error| match error {
            Error::Damaged { file, problem } => {
                let name = file.strip_prefix(folder).unwrap_or(&file).display().to_string();
                refuse(format!("`{name}`: {problem}"))
            }
            Error::Outside { path, .. } => refuse(format!("`{}` leads outside", path.display())),
            other => other,
        };
        let found = read_release(folder, store).map_err(inside)?;
        let found = found.ok_or_else(|| refuse("it has no `release.json`".to_owned()))?;
        if let Some(damage) = found.damage(store).into_iter().next() {
            return Err(inside(damage));
        }
        let release = &found.release;
        let images = release.images().map(str::to_owned).collect();
        let (id, project) = (&self.contents.release, &self.contents.project);
        if (&release.id, &release.project, &self.contents.images) != (id, project, &images) {
            return Err(refuse("its release is not the one that is listed".to_owned()));
        }
        Ok(found)
    }

    /// The lists of the images, where they need exactly the blobs that came.
    fn lists(&self, mut found: BTreeMap<String, Vec<u8>>) -> Result<BTreeMap<String, Vec<u8>>> {
        let refuse = |problem: String| Error::NotImportable { file: self.file.clone(), problem };
        let (mut lists, mut needed) = (BTreeMap::new(), BTreeMap::new());
        for image in &self.contents.images {
            let name = image_file(image);
            let bytes = found.remove(&name).unwrap_or_default();
            let parts = Vault::parts_in(image, &bytes, Path::new(&name));
            needed.extend(parts.map_err(|error| refuse(error.to_string()))?);
            lists.insert(image.clone(), bytes);
        }
        let needed: BTreeMap<&str, u64> =
            needed.iter().map(|(sha256, size)| (sha256.as_str(), *size)).collect();
        if needed != self.contents.blobs() {
            return Err(refuse("it has not what its images consist of".to_owned()));
        }
        Ok(lists)
    }
}

/// The content of a small entry.
fn small(blocks: &mut Blocks<Input>, size: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    blocks.content(size).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != size {
        return Err(wrong("it is cut short"));
    }
    blocks.skip_padding(size)?;
    Ok(bytes)
}

/// The same, where it is what was listed.
fn checked(blocks: &mut Blocks<Input>, item: &Item) -> io::Result<Vec<u8>> {
    let bytes = small(blocks, item.size)?;
    if hex(&Sha256::digest(&bytes)) != item.sha256 {
        return Err(wrong(&format!("the digest of `{}` does not match", item.path)));
    }
    Ok(bytes)
}

/// Reads a blob, into `folder` where one is given.
fn blob(
    blocks: &mut Blocks<Input>,
    item: &Item,
    folder: Option<&Path>,
    file: &Path,
    store: &dyn Store,
    cancel: &Cancel,
) -> Result<()> {
    let mut staged = match folder {
        Some(folder) => {
            let staged = store.stage(folder);
            Some((folder, staged.map_err(|error| Error::io("writing", folder, error))?))
        }
        None => None,
    };
    let (mut hash, mut left, mut part) = (Sha256::new(), item.size, vec![0; PART]);
    while left > 0 {
        if cancel.is_set() {
            return Err(Error::Interrupted);
        }
        let limit = usize::try_from(left).unwrap_or(PART).min(PART);
        let count = match blocks.content(left).read(&mut part[..limit]) {
            Ok(0) => return Err(refused(file, wrong("it is cut short"))),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(refused(file, error)),
        };
        hash.update(&part[..count]);
        left -= count as u64;
        if let Some((folder, staged)) = &mut staged {
            let written = staged.write_all(&part[..count]);
            written.map_err(|error| Error::io("writing", folder, error))?;
        }
    }
    if hex(&hash.finalize()) != item.sha256 {
        return Err(refused(file, wrong(&format!("the digest of `{}` does not match", item.path))));
    }
    blocks.skip_padding(item.size).map_err(|error| refused(file, error))?;
    if let Some((folder, staged)) = staged {
        let place = folder.join(&item.sha256);
        staged.publish(&place).map_err(|error| Error::io("writing", &place, error))?;
    }
    Ok(())
}

fn refused(file: &Path, error: io::Error) -> Error {
    let problem = match error.kind() {
        io::ErrorKind::UnexpectedEof => "it is cut short".to_owned(),
        _ => error.to_string(),
    };
    Error::NotImportable { file: file.to_owned(), problem }
}
