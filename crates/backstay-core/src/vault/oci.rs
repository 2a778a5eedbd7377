//! What tools see: with `oci-layout`, `index.json` and a manifest for each image the vault is an OCI image layout.
//!
//! All of it follows from the lists of the images, which alone say what is kept. It is written after they are, and made anew
//! where it is not as they say.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::blobs::{Blobs, named};
use super::export::open;
use super::import::{Parts, parts};
use super::index::{Index, Kind};
use super::pack::suffix;
use super::{Vault, to_io};
use crate::digest::digest;
use crate::error::{Error, Result};
use crate::sealed::{DecodeError, seal, unseal};
use crate::store::{damaged, own_file};

/// The newest format of `index.json` that is known here.
const VERSION: u64 = 1;

const LAYOUT: &[u8] = b"{\"imageLayoutVersion\":\"1.0.0\"}";

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// More than the configuration of an image has, in bytes.
const LIMIT: u64 = 4 << 20;

/// `index.json`. Tools pass over `version` and over its digest, which is ours.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Images {
    schema_version: u64,
    media_type: String,
    manifests: Vec<Value>,
    version: u64,
}

impl Vault {
    /// Makes what tools see say what is kept: these images. Returns the manifests' digests.
    ///
    /// # Errors
    /// When the disk fails, or a newer program has written the index.
    pub(super) fn show<'a>(
        &self,
        images: impl Iterator<Item = (&'a String, &'a Index)>,
    ) -> io::Result<BTreeSet<String>> {
        let blobs = self.blobs();
        let (mut manifests, mut needed) = (Vec::new(), BTreeSet::new());
        for (image, index) in images {
            // What has no such form is kept all the same.
            let Some((bytes, platform)) = manifest(&blobs, index)? else { continue };
            let sha256 = digest(&bytes).trim_start_matches("sha256:").to_owned();
            if !blobs.has(&sha256, bytes.len() as u64)? {
                blobs.write(&sha256, &bytes)?;
            }
            let mut descriptor = descriptor(MANIFEST, &sha256, bytes.len() as u64);
            let name = image.replace(':', "-");
            descriptor["annotations"] =
                json!({"backstay.image": image, "org.opencontainers.image.ref.name": name});
            if let Some(platform) = platform {
                descriptor["platform"] = platform;
            }
            manifests.push(descriptor);
            needed.insert(sha256);
        }
        let images =
            Images { schema_version: 2, media_type: INDEX.to_owned(), manifests, version: VERSION };
        let bytes = seal(&images)?;
        let is_there = match self.shown() {
            Ok(()) => self.store.read(&self.index_json()).is_ok_and(|found| found == bytes),
            Err(Error::Damaged { .. }) => false,
            Err(error) => return Err(to_io(error)),
        };
        if !is_there {
            for (file, bytes) in [(self.layout_file(), LAYOUT), (self.index_json(), &bytes)] {
                self.store.write(&file, bytes, 0o600).map_err(|error| named(&file, error))?;
            }
        }
        Ok(needed)
    }

    /// Whether what tools see is what was written. It may be behind what is kept, or not there at all.
    ///
    /// # Errors
    /// [`Error::Damaged`], [`Error::TooNew`] or [`Error::Io`].
    fn shown(&self) -> Result<()> {
        self.manifests().map(|_| ())
    }

    /// Digest and size of the manifests that tools see.
    ///
    /// # Errors
    /// As [`Self::shown`].
    pub(super) fn manifests(&self) -> Result<Vec<(String, u64)>> {
        let (layout, file) = (self.layout_file(), self.index_json());
        let missing = |path: &Path| -> Result<bool> {
            let found = self.store.metadata(path);
            Ok(found.map_err(|error| Error::io("reading", path, error))?.is_none())
        };
        if missing(&file)? && missing(&layout)? {
            return Ok(Vec::new());
        }
        if own_file(&layout, &*self.store)? != LAYOUT {
            return Err(damaged(&layout, "it is not what was written"));
        }
        if missing(&file)? {
            return Ok(Vec::new());
        }
        let images: Images = match unseal(&own_file(&file, &*self.store)?, VERSION) {
            Ok(images) => images,
            Err(DecodeError::Damaged(problem)) => return Err(damaged(&file, problem)),
            Err(DecodeError::TooNew(found)) => {
                return Err(Error::TooNew { file, found, known: VERSION });
            }
        };
        let of = |manifest: &Value| {
            let digest = manifest.get("digest")?.as_str()?.strip_prefix("sha256:")?;
            Some((digest.to_owned(), manifest.get("size")?.as_u64()?))
        };
        Ok(images.manifests.iter().filter_map(of).collect())
    }

    fn layout_file(&self) -> PathBuf {
        self.root.join("oci-layout")
    }

    fn index_json(&self) -> PathBuf {
        self.root.join("index.json")
    }
}

/// An image's manifest and platform. `None` where the export does not say what is what.
fn manifest(blobs: &Blobs, index: &Index) -> io::Result<Option<(Vec<u8>, Option<Value>)>> {
    let Some(Parts { config: Some(config), layers }) = parts(blobs, index)?.into_iter().next()
    else {
        return Ok(None);
    };
    let Some(Kind::File { sha256, size, packed: None }) = index.file(&config) else {
        return Ok(None);
    };
    let mut descriptors = Vec::new();
    for layer in &layers {
        let Some(Kind::File { sha256, size, packed }) = index.file(layer) else { return Ok(None) };
        descriptors.push(match packed {
            Some(packed) => descriptor(&format!("{LAYER}+zstd"), &packed.sha256, packed.size),
            None => {
                let mut head = Vec::new();
                open(blobs, sha256, None)?.1.take(4).read_to_end(&mut head)?;
                descriptor(&format!("{LAYER}{}", suffix(&head)), sha256, *size)
            }
        });
    }
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": descriptor(CONFIG, sha256, *size),
        "layers": descriptors,
    });
    Ok(Some((manifest.to_string().into_bytes(), platform(blobs, sha256)?)))
}

/// What the configuration says of the platform.
fn platform(blobs: &Blobs, config: &str) -> io::Result<Option<Value>> {
    let mut bytes = Vec::new();
    blobs.open(config)?.take(LIMIT).read_to_end(&mut bytes)?;
    let Ok(config) = serde_json::from_slice::<Value>(&bytes) else { return Ok(None) };
    let mut platform = Map::new();
    for key in ["architecture", "os", "variant"] {
        if let Some(text) = config.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
        {
            platform.insert(key.to_owned(), text.into());
        }
    }
    Ok((platform.len() > 1).then_some(Value::Object(platform)))
}

fn descriptor(media_type: &str, sha256: &str, size: u64) -> Value {
    json!({"mediaType": media_type, "digest": format!("sha256:{sha256}"), "size": size})
}
