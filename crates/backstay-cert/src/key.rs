//! Whether a key belongs to a certificate.

use der::asn1::{ObjectIdentifier, UintRef};
use der::{Decode, Reader, SliceReader};
use p256::SecretKey;
use p256::pkcs8::{DecodePrivateKey, PrivateKeyInfoRef};
use sec1::EcPrivateKey;
use x509_cert::spki::SubjectPublicKeyInfoOwned as SubjectPublicKeyInfo;
use zeroize::Zeroizing;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const ELLIPTIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

/// What is known of the key beside a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// There is none.
    Missing,
    /// It belongs to the certificate.
    Matches,
    /// It belongs to another certificate.
    Mismatch,
    /// It is there, but of a kind that can't be compared here: encrypted PEM, or neither RSA nor an elliptic curve with
    /// its public part.
    Unchecked,
}

/// A key as a file holds it.
pub(crate) enum PrivateKey {
    /// PKCS#8 (RFC 5958): any kind of key.
    Pkcs8(Zeroizing<Vec<u8>>),
    /// PKCS#1 (RFC 8017): RSA.
    Pkcs1(Zeroizing<Vec<u8>>),
    /// SEC 1 (RFC 5915): elliptic curves.
    Sec1(Zeroizing<Vec<u8>>),
    /// Encrypted.
    Sealed,
}

impl PrivateKey {
    /// Whether it belongs to this public key.
    pub(crate) fn belongs_to(&self, public: &SubjectPublicKeyInfo) -> KeyState {
        let answer = match self {
            Self::Pkcs8(bytes) => pkcs8(bytes, public),
            Self::Pkcs1(bytes) => rsa(bytes, public),
            Self::Sec1(bytes) => elliptic(bytes, public),
            Self::Sealed => None,
        };
        match answer {
            Some(true) => KeyState::Matches,
            Some(false) => KeyState::Mismatch,
            None => KeyState::Unchecked,
        }
    }
}

fn pkcs8(key: &[u8], public: &SubjectPublicKeyInfo) -> Option<bool> {
    let info = PrivateKeyInfoRef::from_der(key).ok()?;
    let inner = info.private_key.as_bytes();
    match info.algorithm.oid {
        other if other != public.algorithm.oid => Some(false),
        RSA => rsa(inner, public),
        ELLIPTIC => match SecretKey::from_pkcs8_der(key) {
            Ok(key) => Some(on_p256(&key, public)),
            Err(_) => elliptic(inner, public),
        },
        _ => None,
    }
}

fn elliptic(key: &[u8], public: &SubjectPublicKeyInfo) -> Option<bool> {
    if public.algorithm.oid != ELLIPTIC {
        return Some(false);
    }
    if let Ok(key) = SecretKey::from_sec1_der(key) {
        return Some(on_p256(&key, public));
    }
    let own = EcPrivateKey::from_der(key).ok()?.public_key?;
    Some(public.subject_public_key.as_bytes() == Some(own))
}

fn on_p256(key: &SecretKey, public: &SubjectPublicKeyInfo) -> bool {
    let point = public.subject_public_key.as_bytes().unwrap_or_default();
    p256::PublicKey::from_sec1_bytes(point).is_ok_and(|point| point == key.public_key())
}

fn rsa(key: &[u8], public: &SubjectPublicKeyInfo) -> Option<bool> {
    if public.algorithm.oid != RSA {
        return Some(false);
    }
    let wanted = numbers(public.subject_public_key.as_bytes()?, false)?;
    Some(numbers(key, true)? == wanted)
}

/// Modulus and exponent of an RSA key (RFC 8017, appendix A.1), after the version that a private one has.
fn numbers(key: &[u8], private: bool) -> Option<(&[u8], &[u8])> {
    let mut reader = SliceReader::new(key).ok()?;
    let read = reader.sequence(|inner| {
        if private {
            u8::decode(inner)?;
        }
        let found = (UintRef::decode(inner)?.as_bytes(), UintRef::decode(inner)?.as_bytes());
        inner.read_slice(inner.remaining_len())?;
        Ok::<_, der::Error>(found)
    });
    read.ok()
}
