//! A certificate with its key.

use std::fmt;

use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

/// A certificate with its key. The key is wiped from memory when it is dropped.
pub struct Certificate {
    pub(crate) der: Vec<u8>,
    pub(crate) key: Zeroizing<Vec<u8>>,
    pub(crate) pem_key: Zeroizing<String>,
    pub(crate) name: String,
}

impl Certificate {
    /// The certificate as DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The certificate as PEM (RFC 7468).
    #[must_use]
    pub fn pem_certificate(&self) -> String {
        armoured("CERTIFICATE", &self.der)
    }

    /// The key as PEM, PKCS#8 without encryption (RFC 5958). Secret.
    #[must_use]
    pub fn pem_key(&self) -> &str {
        &self.pem_key
    }

    /// Its common name.
    #[must_use]
    pub fn common_name(&self) -> &str {
        &self.name
    }
}

/// DER as PEM (RFC 7468).
pub(crate) fn armoured(label: &str, der: &[u8]) -> String {
    let text = Zeroizing::new(Base64::encode_string(der));
    // As large as it becomes: a text that grows leaves copies behind, and this may be a key.
    let room = text.len()
        + text.len() / 64
        + 2 * label.len()
        + "-----BEGIN -----\n\n-----END -----\n".len();
    let mut pem = String::with_capacity(room);
    pem.extend(["-----BEGIN ", label, "-----\n"]);
    for (place, c) in text.chars().enumerate() {
        if place > 0 && place % 64 == 0 {
            pem.push('\n');
        }
        pem.push(c);
    }
    pem.extend(["\n-----END ", label, "-----\n"]);
    pem
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("name", &self.name).finish_non_exhaustive()
    }
}
