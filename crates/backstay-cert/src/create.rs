//! Makes a self-signed certificate with an ECDSA P-256 key (RFC 5280, section 4).

use std::time::Duration;

use der::asn1::{Any, ObjectIdentifier, SetOfVec, Utf8StringRef};
use der::{DateTime, Decode, Encode};
use jiff::{SignedDuration, Timestamp};
use p256::SecretKey;
use p256::ecdsa::{DerSignature, SigningKey};
use p256::elliptic_curve::Generate;
use p256::pkcs8::EncodePrivateKey;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::builder::{Builder, CertificateBuilder};
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::SubjectPublicKeyInfoOwned as SubjectPublicKeyInfo;
use x509_cert::time::{Time, Validity};
use zeroize::Zeroizing;

use crate::certificate::armoured;
use crate::{Certificate, Error, Request, Result};

mod profile;

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const ORGANIZATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
/// A clock that is a little behind must not see a certificate of the future.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_hours(1);
const DAY: i64 = 24 * 60 * 60;

/// Makes a new key and a certificate that it signs itself, good from an hour before `now` until
/// [`Request::valid_days`] after it.
///
/// # Errors
/// As [`Request::validate`]; [`Error::Create`] where the system gives no random numbers.
pub fn create(request: &Request, now: Timestamp) -> Result<Certificate> {
    request.validate()?;
    let key = SigningKey::try_generate().map_err(Error::create("making a key"))?;
    let profile =
        profile::Server { subject: subject(request).map_err(encoding)?, hosts: request.hosts()? };
    let public = SubjectPublicKeyInfo::from_key(key.verifying_key()).map_err(encoding)?;
    let builder =
        CertificateBuilder::new(profile, serial_number()?, validity(request, now)?, public)
            .map_err(encoding)?;
    let signed = builder.build::<_, DerSignature>(&key).map_err(Error::create("signing"))?;
    let key = SecretKey::from(key).to_pkcs8_der().map_err(encoding)?.to_bytes();
    Ok(Certificate {
        der: signed.to_der().map_err(encoding)?,
        pem_key: Zeroizing::new(armoured("PRIVATE KEY", &key)),
        key,
        name: request.effective_common_name().to_owned(),
    })
}

/// For `map_err`: something could not be written as DER.
fn encoding<E: std::fmt::Display>(error: E) -> Error {
    Error::create("writing it down")(error)
}

fn subject(request: &Request) -> der::Result<Name> {
    let mut parts = RdnSequence::default();
    let organization = request.organization.as_deref().map(|text| (ORGANIZATION, text));
    for (oid, text) in
        organization.into_iter().chain([(COMMON_NAME, request.effective_common_name())])
    {
        let value = Any::encode_from(&Utf8StringRef::new(text)?)?;
        let part = SetOfVec::try_from(vec![AttributeTypeAndValue { oid, value }])?;
        parts.push(RelativeDistinguishedName::from(part));
    }
    Name::from_der(&parts.to_der()?)
}

/// 16 random octets with a fixed top, so that the number is positive and always as long.
fn serial_number() -> Result<SerialNumber> {
    let mut bytes = <[u8; 16]>::try_generate().map_err(Error::create("making a serial number"))?;
    bytes[0] = bytes[0] & 0x3f | 0x40;
    SerialNumber::new(&bytes).map_err(encoding)
}

fn validity(request: &Request, now: Timestamp) -> Result<Validity> {
    let last = SignedDuration::from_secs(i64::from(request.valid_days) * DAY);
    let time = |offset| {
        let at = now.checked_add(offset).ok()?;
        let since_1970 = Duration::from_secs(u64::try_from(at.as_second()).ok()?);
        DateTime::from_unix_duration(since_1970).ok().map(Time::from)
    };
    match (time(-CLOCK_SKEW), time(last)) {
        (Some(not_before), Some(not_after)) => Ok(Validity::new(not_before, not_after)),
        _ => Err(Error::Create {
            action: "reading the clock",
            problem: format!("a certificate can't hold the time {now}; set the clock right"),
        }),
    }
}
