//! Reads a certificate from the bytes of a file.

use zeroize::Zeroizing;

use crate::info::{Format, Info};
use crate::key::PrivateKey;
use crate::pem::{self, Block};
use crate::pfx::{self, Opened};
use crate::{Error, Result};

/// More than any file with a certificate has.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Reads a certificate, and whether its key is beside it, from PEM, a PFX file of either encryption, or DER. Of several
/// certificates it takes the one that belongs to the key, else the first. Where PEM has the key in a second file, give
/// the bytes of both, one after the other.
///
/// # Errors
/// [`Error::WrongPassword`] and [`Error::PasswordNeeded`] for a PFX file; [`Error::Unreadable`] for all else.
pub fn read(bytes: &[u8], password: Option<&str>) -> Result<Info> {
    if bytes.len() > MAX_BYTES {
        return Err(Error::unreadable("the file is larger than 4 MiB"));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let blocks = pem::blocks(text)?;
        if !blocks.is_empty() {
            return read_pem(blocks);
        }
    }
    if let Some(Opened { certificate, key }) = pfx::open(bytes, password)? {
        return Info::parse(&certificate, key.as_ref(), Format::Pfx);
    }
    match bytes {
        [] => Err(Error::unreadable("the file is empty")),
        [0x30, ..] => Info::parse(bytes, None, Format::Der),
        _ => Err(Error::unreadable("the file is neither PEM nor PFX")),
    }
}

fn read_pem(blocks: Vec<Block>) -> Result<Info> {
    let mut certificates = Vec::new();
    let mut key = None;
    for Block { label, contents } in blocks {
        match (label.as_str(), contents) {
            ("CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE", Some(der)) => {
                certificates.push(der)
            }
            (label, contents) if label.ends_with("PRIVATE KEY") && key.is_none() => {
                key = Some(private_key(label, contents));
            }
            _ => {}
        }
    }
    let parse = |der: &Zeroizing<Vec<u8>>| Info::parse(der, key.as_ref(), Format::Pem);
    let first = certificates
        .first()
        .ok_or_else(|| Error::unreadable("the PEM text holds no certificate"))?;
    let own = certificates.iter().filter_map(|der| parse(der).ok());
    let mut own = own.filter(|info| info.key == crate::KeyState::Matches);
    own.next().map_or_else(|| parse(first), Ok)
}

fn private_key(label: &str, contents: Option<Zeroizing<Vec<u8>>>) -> PrivateKey {
    match (label, contents) {
        ("PRIVATE KEY", Some(der)) => PrivateKey::Pkcs8(der),
        ("RSA PRIVATE KEY", Some(der)) => PrivateKey::Pkcs1(der),
        ("EC PRIVATE KEY", Some(der)) => PrivateKey::Sec1(der),
        _ => PrivateKey::Sealed,
    }
}
