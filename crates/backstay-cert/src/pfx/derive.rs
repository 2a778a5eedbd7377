//! Keys out of passwords, as RFC 7292 derives them (appendix B.2): for its MAC, and for the older encryption.

use hmac::digest::block_api::BlockSizeUser;
use hmac::digest::{Digest, FixedOutputReset};
use pkcs12::kdf::{Pkcs12KeyType, derive_key};
use zeroize::Zeroizing;

use super::password::Password;

/// A key of so many bytes for this purpose.
pub(super) fn derive<D: Digest + FixedOutputReset + BlockSizeUser>(
    password: &Password<'_>,
    salt: &[u8],
    purpose: Pkcs12KeyType,
    rounds: u32,
    length: usize,
) -> Zeroizing<Vec<u8>> {
    let rounds = i32::try_from(rounds).unwrap_or(i32::MAX);
    Zeroizing::new(derive_key::<D>(&password.wide, salt, purpose, rounds, length))
}
