//! Opens a PFX file.

use der::Decode;
use p12_keystore::Pkcs12Archive;
use p12_keystore::error::Error as StoreError;
use pkcs12::pfx::Pfx;

use crate::key::PrivateKey;
use crate::{Error, Result, password};

/// What a PFX file holds.
pub(crate) struct Opened {
    /// The certificate that belongs to the key, else the first.
    pub(crate) certificate: Vec<u8>,
    /// The key.
    pub(crate) key: Option<PrivateKey>,
}

/// Opens a PFX file; `None` where the bytes are none.
pub(crate) fn open(bytes: &[u8], password: Option<&str>) -> Result<Option<Opened>> {
    if Pfx::from_der(bytes).is_err() {
        return Ok(None);
    }
    let given = password.unwrap_or_default();
    password::validate(given)?;
    let archive =
        Pkcs12Archive::from_pkcs12(bytes, given).map_err(|error| explain(&error, password))?;
    let key = archive.keys.first();
    let id = key.and_then(|key| key.local_key_id.as_ref());
    let belongs =
        |own: &Option<Vec<u8>>| matches!((own, id), (Some(own), Some(id)) if *own == id.0);
    let own =
        archive.certs.iter().find(|entry| belongs(&entry.local_key_id)).or(archive.certs.first());
    let own = own.ok_or_else(|| Error::unreadable("the PFX file holds no certificate"))?;
    let key = key.map(|key| PrivateKey::Pkcs8(key.key.as_der().to_vec().into()));
    Ok(Some(Opened { certificate: own.cert.as_der().to_vec(), key }))
}

fn explain(error: &StoreError, password: Option<&str>) -> Error {
    match error {
        StoreError::MacError(_) | StoreError::UnpadError | StoreError::Pkcs5Error(_) => {
            match password {
                None => Error::PasswordNeeded,
                Some(_) => Error::WrongPassword,
            }
        }
        StoreError::UnsupportedEncryptionScheme | StoreError::UnsupportedMacAlgorithm => {
            Error::unreadable(
                "the PFX file is encrypted in a way that is not known here; write it again with AES-256 or 3DES",
            )
        }
        other => Error::unreadable(format!("the PFX file is damaged: {other}")),
    }
}
