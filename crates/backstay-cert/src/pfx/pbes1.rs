//! The older encryption of PFX files: PBE with SHA-1 (RFC 7292, appendix C).

use der::Tag;
use der::asn1::{Any, ObjectIdentifier, OctetString};
use pkcs12::kdf::Pkcs12KeyType;
use pkcs12::pbe_params::Pkcs12PbeParams;
use sha1::Sha1;
use x509_cert::spki::AlgorithmIdentifierOwned;
use zeroize::Zeroizing;

use super::cipher::Cipher;
use super::derive::derive;
use super::failure::Failure;
use super::password::Password;
use super::rounds::Rounds;

/// The cipher that an encryption of this name has.
pub(super) fn cipher(name: ObjectIdentifier) -> Option<Cipher> {
    match name {
        pkcs12::PKCS_12_PBE_WITH_SHAAND3_KEY_TRIPLE_DES_CBC => Some(Cipher::TripleDes),
        pkcs12::PKCS_12_PBE_WITH_SHAAND2_KEY_TRIPLE_DES_CBC => Some(Cipher::TwoKeyTripleDes),
        pkcs12::PKCS_12_PBE_WITH_SHAAND128_BIT_RC2_CBC => Some(Cipher::Rc2With128),
        pkcs12::PKCS_12_PBEWITH_SHAAND40_BIT_RC2_CBC => Some(Cipher::Rc2With40),
        _ => None,
    }
}

pub(super) fn decrypt(
    cipher: Cipher,
    parameters: &Any,
    data: &[u8],
    password: &Password<'_>,
    rounds: &mut Rounds,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let Pkcs12PbeParams { salt, iterations } = parameters.decode_as()?;
    // The key takes as many rounds as the vector does.
    rounds.take(iterations.into())?;
    let (key, iv) = keys(cipher, password, salt.as_bytes(), rounds.take(iterations.into())?);
    cipher.decrypt(&key, &iv, data)
}

/// With three-key 3DES; gives the name of the encryption with its parameters, too.
pub(super) fn encrypt(
    data: &[u8],
    password: &Password<'_>,
    salt: &[u8],
    rounds: u32,
) -> Result<(AlgorithmIdentifierOwned, Vec<u8>), Failure> {
    let (key, iv) = keys(Cipher::TripleDes, password, salt, rounds);
    let encrypted = Cipher::TripleDes.encrypt(&key, &iv, data)?;
    let iterations =
        i32::try_from(rounds).map_err(|_| Failure::Damaged(Tag::Integer.value_error().into()))?;
    let parameters = Pkcs12PbeParams { salt: OctetString::new(salt)?, iterations };
    let algorithm = AlgorithmIdentifierOwned {
        oid: pkcs12::PKCS_12_PBE_WITH_SHAAND3_KEY_TRIPLE_DES_CBC,
        parameters: Some(Any::encode_from(&parameters)?),
    };
    Ok((algorithm, encrypted))
}

/// The key and the initial vector.
fn keys(
    cipher: Cipher,
    password: &Password<'_>,
    salt: &[u8],
    rounds: u32,
) -> (Zeroizing<Vec<u8>>, Zeroizing<Vec<u8>>) {
    let of = |purpose, length| derive::<Sha1>(password, salt, purpose, rounds, length);
    (of(Pkcs12KeyType::EncryptionKey, cipher.key_len()), of(Pkcs12KeyType::Iv, cipher.block_len()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn its_rounds_are_taken_from_those_of_the_file_for_each_of_its_two_derivations() {
        let password = Password::new("a");
        let (algorithm, sealed) = encrypt(b"text", &password, &[1; 8], 3).unwrap();
        let open = |left| {
            let mut rounds = Rounds::with(left);
            let parameters = algorithm.parameters.as_ref().unwrap();
            decrypt(Cipher::TripleDes, parameters, &sealed, &password, &mut rounds)
        };
        assert_eq!(**open(6).unwrap(), *b"text");
        assert!(matches!(open(5), Err(Failure::Rounds(_))));
    }
}
