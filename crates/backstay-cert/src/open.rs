//! A certificate with its key, read back from what was written.

use zeroize::Zeroizing;

use crate::certificate::armoured;
use crate::info::{Format, Info};
use crate::key::PrivateKey;
use crate::{Certificate, Error, KeyState, Result, pem, pfx};

impl Certificate {
    /// Reads a certificate with its key from a PFX file, or from PEM text that holds both, the key as PKCS#8.
    ///
    /// # Errors
    /// As [`read`](crate::read), and [`Error::Unreadable`] where there is no key, or one that belongs to another certificate.
    pub fn open(bytes: &[u8], password: Option<&str>) -> Result<Self> {
        let (der, key) = match pfx::open(bytes, password)? {
            Some(opened) => (opened.certificate, opened.key),
            None => of_pem(bytes)?,
        };
        let info = Info::parse(&der, key.as_ref(), Format::Der)?;
        let Some(PrivateKey::Pkcs8(key)) = key else {
            return Err(Error::unreadable(
                "there is no key beside the certificate, as PKCS#8 without a password",
            ));
        };
        if info.key == KeyState::Mismatch {
            return Err(Error::unreadable("the key belongs to another certificate"));
        }
        let pem_key = Zeroizing::new(armoured("PRIVATE KEY", &key));
        Ok(Self { der, key, pem_key, name: common_name(&info.subject) })
    }
}

fn of_pem(bytes: &[u8]) -> Result<(Vec<u8>, Option<PrivateKey>)> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Error::unreadable("the file is neither PEM nor PFX"))?;
    let (mut certificate, mut key) = (None, None);
    for block in pem::blocks(text)? {
        match (block.label.as_str(), block.contents) {
            ("CERTIFICATE", Some(der)) if certificate.is_none() => certificate = Some(der.to_vec()),
            ("PRIVATE KEY", Some(der)) if key.is_none() => key = Some(PrivateKey::Pkcs8(der)),
            _ => {}
        }
    }
    let none = || Error::unreadable("the PEM text holds no certificate");
    Ok((certificate.ok_or_else(none)?, key))
}

/// The common name of a subject, for the name that Windows and Java show.
fn common_name(subject: &str) -> String {
    let name = subject.split([',', '+']).find_map(|part| part.trim().strip_prefix("CN="));
    name.filter(|name| !name.is_empty()).unwrap_or("self-signed").chars().take(64).collect()
}
