//! The names of what is in a PFX file, as object identifiers.

use der::asn1::ObjectIdentifier;

const fn name(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

/// Contents in the clear (RFC 5652, section 4).
pub(super) const DATA: ObjectIdentifier = name("1.2.840.113549.1.7.1");
/// Encrypted contents (RFC 5652, section 8).
pub(super) const ENCRYPTED_DATA: ObjectIdentifier = name("1.2.840.113549.1.7.6");

pub(super) const FRIENDLY_NAME: ObjectIdentifier = name("1.2.840.113549.1.9.20");
pub(super) const LOCAL_KEY_ID: ObjectIdentifier = name("1.2.840.113549.1.9.21");

/// RFC 8018, appendix A.4.
pub(super) const PBES2: ObjectIdentifier = name("1.2.840.113549.1.5.13");
pub(super) const PBKDF2: ObjectIdentifier = name("1.2.840.113549.1.5.12");

pub(super) const AES_128_CBC: ObjectIdentifier = name("2.16.840.1.101.3.4.1.2");
pub(super) const AES_192_CBC: ObjectIdentifier = name("2.16.840.1.101.3.4.1.22");
pub(super) const AES_256_CBC: ObjectIdentifier = name("2.16.840.1.101.3.4.1.42");
pub(super) const TRIPLE_DES_CBC: ObjectIdentifier = name("1.2.840.113549.3.7");

pub(super) const HMAC_SHA_1: ObjectIdentifier = name("1.2.840.113549.2.7");
pub(super) const HMAC_SHA_224: ObjectIdentifier = name("1.2.840.113549.2.8");
pub(super) const HMAC_SHA_256: ObjectIdentifier = name("1.2.840.113549.2.9");
pub(super) const HMAC_SHA_384: ObjectIdentifier = name("1.2.840.113549.2.10");
pub(super) const HMAC_SHA_512: ObjectIdentifier = name("1.2.840.113549.2.11");
pub(super) const HMAC_SHA_512_224: ObjectIdentifier = name("1.2.840.113549.2.12");
pub(super) const HMAC_SHA_512_256: ObjectIdentifier = name("1.2.840.113549.2.13");

pub(super) const SHA_1: ObjectIdentifier = name("1.3.14.3.2.26");
pub(super) const SHA_224: ObjectIdentifier = name("2.16.840.1.101.3.4.2.4");
pub(super) const SHA_256: ObjectIdentifier = name("2.16.840.1.101.3.4.2.1");
pub(super) const SHA_384: ObjectIdentifier = name("2.16.840.1.101.3.4.2.2");
pub(super) const SHA_512: ObjectIdentifier = name("2.16.840.1.101.3.4.2.3");
pub(super) const SHA_512_224: ObjectIdentifier = name("2.16.840.1.101.3.4.2.5");
pub(super) const SHA_512_256: ObjectIdentifier = name("2.16.840.1.101.3.4.2.6");
