//! The MAC over a PFX file: HMAC with a key of RFC 7292's own derivation (appendix B).

use der::Tag;
use der::asn1::{Any, Null, ObjectIdentifier, OctetString};
use hmac::digest::block_api::BlockSizeUser;
use hmac::digest::{Digest, FixedOutputReset};
use hmac::{EagerHash, Hmac, KeyInit, Mac};
use pkcs12::kdf::Pkcs12KeyType;
use pkcs12::{DigestInfo, MacData};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};
use x509_cert::spki::AlgorithmIdentifierOwned;

use super::derive::derive;
use super::failure::Failure;
use super::password::Password;
use super::rounds::Rounds;
use super::{Encryption, names};

/// Whether this is the MAC over these bytes: password, salt, rounds, bytes, MAC.
type Check = fn(&Password<'_>, &[u8], u32, &[u8], &[u8]) -> Result<bool, Failure>;

fn check(name: ObjectIdentifier) -> Option<Check> {
    match name {
        names::SHA_1 => Some(fits::<Sha1>),
        names::SHA_224 => Some(fits::<Sha224>),
        names::SHA_256 => Some(fits::<Sha256>),
        names::SHA_384 => Some(fits::<Sha384>),
        names::SHA_512 => Some(fits::<Sha512>),
        names::SHA_512_224 => Some(fits::<Sha512_224>),
        names::SHA_512_256 => Some(fits::<Sha512_256>),
        _ => None,
    }
}

/// Holds these bytes against the MAC that the file has.
pub(super) fn verify(
    mac: &MacData,
    data: &[u8],
    password: &Password<'_>,
    rounds: &mut Rounds,
) -> Result<(), Failure> {
    let name = mac.mac.algorithm.oid;
    let check = check(name).ok_or(Failure::Unknown(name))?;
    let rounds = rounds.take(mac.iterations.into())?;
    let own = mac.mac.digest.as_bytes();
    match check(password, mac.mac_salt.as_bytes(), rounds, data, own)? {
        true => Ok(()),
        false => Err(Failure::Password),
    }
}

/// With SHA-256, or with SHA-1 for old readers.
pub(super) fn make(
    encryption: Encryption,
    data: &[u8],
    password: &Password<'_>,
    salt: &[u8],
    rounds: u32,
) -> Result<MacData, Failure> {
    let (oid, digest) = match encryption {
        Encryption::Modern => {
            let mac = over::<Sha256>(password, salt, rounds, data)?;
            (names::SHA_256, mac.finalize().into_bytes().to_vec())
        }
        Encryption::Legacy => {
            let mac = over::<Sha1>(password, salt, rounds, data)?;
            (names::SHA_1, mac.finalize().into_bytes().to_vec())
        }
    };
    // The NULL belongs to the digest's name (RFC 8017, appendix A.2.4, "SHOULD"): OpenSSL, Java and Windows write it,
    // and old readers may insist on it.
    let algorithm = AlgorithmIdentifierOwned { oid, parameters: Some(Any::from(Null)) };
    Ok(MacData {
        mac: DigestInfo { algorithm, digest: OctetString::new(digest)? },
        mac_salt: OctetString::new(salt)?,
        iterations: i32::try_from(rounds)
            .map_err(|_| Failure::Damaged(Tag::Integer.value_error().into()))?,
    })
}

/// Takes the same time wherever the two differ.
fn fits<D: EagerHash + Digest + FixedOutputReset + BlockSizeUser>(
    password: &Password<'_>,
    salt: &[u8],
    rounds: u32,
    data: &[u8],
    own: &[u8],
) -> Result<bool, Failure> {
    Ok(over::<D>(password, salt, rounds, data)?.verify_slice(own).is_ok())
}

fn over<D: EagerHash + Digest + FixedOutputReset + BlockSizeUser>(
    password: &Password<'_>,
    salt: &[u8],
    rounds: u32,
    data: &[u8],
) -> Result<Hmac<D>, Failure> {
    let length = <D as Digest>::output_size();
    let key = derive::<D>(password, salt, Pkcs12KeyType::Mac, rounds, length);
    let any_length_is_good = |_| Failure::Damaged(Tag::OctetString.length_error().into());
    let mut mac = <Hmac<D> as KeyInit>::new_from_slice(&key).map_err(any_length_is_good)?;
    mac.update(data);
    Ok(mac)
}
