//! What a certificate says.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use der::Decode;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use x509_cert::certificate::{CertificateInner, Raw};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::time::Time;

use crate::key::{KeyState, PrivateKey};
use crate::text::shown;
use crate::{Error, Result};

/// In what form a certificate stands in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// PEM text.
    Pem,
    /// A PFX file.
    Pfx,
    /// DER alone.
    Der,
}

/// What a certificate says, fit to be shown: control characters are replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Info {
    /// Whom it is for, as RFC 4514 writes it.
    pub subject: String,
    /// The DNS names and IP addresses that it is good for. A common name alone counts for nothing (RFC 6125).
    pub names: Vec<String>,
    /// From when it is good.
    pub not_before: Timestamp,
    /// Until when it is good.
    pub not_after: Timestamp,
    /// Who signed it, as RFC 4514 writes it.
    pub issuer: String,
    /// Whether it names itself as who signed it. The signature itself is not checked.
    pub self_signed: bool,
    /// SHA-256 of its DER form, as OpenSSL and Java's keytool write it: `AB:CD:…`.
    pub fingerprint_sha256: String,
    /// The key beside it.
    pub key: KeyState,
    /// The form that it was read from.
    pub format: Format,
}

impl Info {
    /// Whether a key is beside it.
    #[must_use]
    pub fn has_key(&self) -> bool {
        self.key != KeyState::Missing
    }

    pub(crate) fn parse(der: &[u8], key: Option<&PrivateKey>, format: Format) -> Result<Self> {
        let parsed = CertificateInner::<Raw>::from_der(der)
            .map_err(|error| Error::unreadable(format!("the certificate is damaged: {error}")))?;
        let own = parsed.tbs_certificate();
        let names = own
            .get_extension::<SubjectAltName>()
            .map_err(|error| {
                Error::unreadable(format!("the certificate's names are damaged: {error}"))
            })?
            .map(|(_, names)| names.0.iter().filter_map(name).collect());
        Ok(Self {
            subject: shown(&own.subject().to_string()),
            names: names.unwrap_or_default(),
            not_before: timestamp(own.validity().not_before)?,
            not_after: timestamp(own.validity().not_after)?,
            issuer: shown(&own.issuer().to_string()),
            self_signed: own.issuer() == own.subject(),
            fingerprint_sha256: fingerprint(der),
            key: key.map_or(KeyState::Missing, |key| key.belongs_to(own.subject_public_key_info())),
            format,
        })
    }
}

fn name(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(name) => Some(shown(name.as_str())),
        GeneralName::IpAddress(bytes) => {
            address(bytes.as_bytes()).map(|address| address.to_string())
        }
        _ => None,
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).map(|bytes| IpAddr::V4(Ipv4Addr::from(bytes)));
    let six = || <[u8; 16]>::try_from(bytes).map(|bytes| IpAddr::V6(Ipv6Addr::from(bytes)));
    four.or_else(|_| six()).ok()
}

fn timestamp(time: Time) -> Result<Timestamp> {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).ok();
    let time = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    time.ok_or_else(|| Error::unreadable("the certificate has a date that does not exist"))
}

fn fingerprint(der: &[u8]) -> String {
    let digest = Sha256::digest(der);
    digest.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
}
