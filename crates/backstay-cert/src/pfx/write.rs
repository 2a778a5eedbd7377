//! Writes a PFX file.

use der::asn1::{Any, Null};
use der::{Decode, Encode};
use p12_keystore::{
    EncryptionAlgorithm, KeyStore, KeyStoreEntry, MacAlgorithm, PrivateKey, PrivateKeyChain,
};
use pkcs12::pfx::Pfx;
use sha2::{Digest, Sha256};

use super::Encryption;
use crate::{Certificate, Error, Result, password};

/// Rounds of each derivation: twice what Java does, ten times what OpenSSL does. Not many more: .NET refuses to import
/// files with uncommonly many (KB5025823).
const ROUNDS: u32 = 20_000;

impl Certificate {
    /// Both as a PFX file. `friendly_name` is the name that Windows and Java show for the key.
    ///
    /// # Errors
    /// [`Error::Password`](crate::Error::Password) where the password can't be used, and
    /// [`Error::Request`](crate::Error::Request) where the name can't.
    pub fn to_pfx(
        &self,
        password: &str,
        encryption: Encryption,
        friendly_name: &str,
    ) -> Result<Vec<u8>> {
        write(self, password, encryption, friendly_name)
    }
}

fn write(
    certificate: &Certificate,
    password: &str,
    encryption: Encryption,
    friendly_name: &str,
) -> Result<Vec<u8>> {
    password::validate(password)?;
    validate_friendly_name(friendly_name)?;
    let key = PrivateKey::from_der(&certificate.key).map_err(writing)?;
    let own = p12_keystore::Certificate::from_der(&certificate.der).map_err(writing)?;
    let mut id = Sha256::digest(&certificate.der).to_vec();
    id.truncate(20);
    let mut store = KeyStore::new();
    let chain = PrivateKeyChain::new(id, key, [own]);
    store.add_entry(friendly_name, KeyStoreEntry::PrivateKeyChain(chain));
    let (cipher, mac) = match encryption {
        Encryption::Modern => {
            (EncryptionAlgorithm::PbeWithHmacSha256AndAes256, MacAlgorithm::HmacSha256)
        }
        Encryption::Legacy => {
            (EncryptionAlgorithm::PbeWithShaAnd3KeyTripleDesCbc, MacAlgorithm::HmacSha1)
        }
    };
    let written = store
        .writer(password)
        .encryption_algorithm(cipher)
        .encryption_iterations(ROUNDS)
        .mac_algorithm(mac)
        .mac_iterations(ROUNDS)
        .write()
        .map_err(writing)?;
    with_mac_parameters(&written).map_err(writing)
}

/// Adds the NULL that belongs to the digest's name (RFC 8017, appendix A.2.4, "SHOULD"): OpenSSL, Java and Windows write
/// it, and old readers may insist on it. It stands outside of what the MAC protects.
fn with_mac_parameters(pfx: &[u8]) -> der::Result<Vec<u8>> {
    let mut pfx = Pfx::from_der(pfx)?;
    if let Some(data) = &mut pfx.mac_data {
        data.mac.algorithm.parameters = Some(Any::from(Null));
    }
    pfx.to_der()
}

fn validate_friendly_name(name: &str) -> Result<()> {
    let good = |c: char| !c.is_control() && u32::from(c) <= 0xffff;
    if (1..=128).contains(&name.chars().count()) && name.chars().all(good) {
        return Ok(());
    }
    let problem =
        "give 1 to 128 characters, none of them a control character or beyond U+FFFF".to_owned();
    Err(Error::Request { field: "friendly_name", problem })
}

fn writing<E: std::fmt::Display>(error: E) -> Error {
    Error::create("writing the PFX")(error)
}
