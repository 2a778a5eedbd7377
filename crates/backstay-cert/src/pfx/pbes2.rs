//! The newer encryption of PFX files: PBES2 with PBKDF2 (RFC 8018).

use der::asn1::{Any, Null, ObjectIdentifier, OctetString};
use der::{Sequence, Tag};
use pbkdf2::pbkdf2_hmac;
use pkcs12::pbe_params::Pbes2Params;
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};
use x509_cert::spki::AlgorithmIdentifierOwned;
use zeroize::Zeroizing;

use super::cipher::Cipher;
use super::failure::Failure;
use super::names;
use super::password::Password;
use super::rounds::Rounds;

/// The parameters of PBKDF2 (RFC 8018, appendix A.2).
#[derive(Sequence)]
struct Pbkdf2Params {
    salt: OctetString,
    iterations: u32,
    #[asn1(optional = "true")]
    key_length: Option<u16>,
    /// Where it is not there, HMAC with SHA-1 is meant.
    #[asn1(optional = "true")]
    function: Option<AlgorithmIdentifierOwned>,
}

/// PBKDF2: password, salt, rounds, and where the key goes.
type Derive = fn(&[u8], &[u8], u32, &mut [u8]);

fn function(name: ObjectIdentifier) -> Option<Derive> {
    match name {
        names::HMAC_SHA_1 => Some(pbkdf2_hmac::<Sha1>),
        names::HMAC_SHA_224 => Some(pbkdf2_hmac::<Sha224>),
        names::HMAC_SHA_256 => Some(pbkdf2_hmac::<Sha256>),
        names::HMAC_SHA_384 => Some(pbkdf2_hmac::<Sha384>),
        names::HMAC_SHA_512 => Some(pbkdf2_hmac::<Sha512>),
        names::HMAC_SHA_512_224 => Some(pbkdf2_hmac::<Sha512_224>),
        names::HMAC_SHA_512_256 => Some(pbkdf2_hmac::<Sha512_256>),
        _ => None,
    }
}

fn cipher(name: ObjectIdentifier) -> Option<Cipher> {
    match name {
        names::AES_128_CBC => Some(Cipher::Aes128),
        names::AES_192_CBC => Some(Cipher::Aes192),
        names::AES_256_CBC => Some(Cipher::Aes256),
        names::TRIPLE_DES_CBC => Some(Cipher::TripleDes),
        _ => None,
    }
}

pub(super) fn decrypt(
    parameters: &Any,
    data: &[u8],
    password: &Password<'_>,
    rounds: &mut Rounds,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let Pbes2Params { kdf, encryption } = parameters.decode_as()?;
    if kdf.oid != names::PBKDF2 {
        return Err(Failure::Unknown(kdf.oid));
    }
    let cipher = cipher(encryption.oid).ok_or(Failure::Unknown(encryption.oid))?;
    let iv: OctetString = present(encryption.parameters.as_ref())?.decode_as()?;
    let kdf: Pbkdf2Params = present(kdf.parameters.as_ref())?.decode_as()?;
    let name = kdf.function.map_or(names::HMAC_SHA_1, |function| function.oid);
    let derive = function(name).ok_or(Failure::Unknown(name))?;
    if kdf.key_length.is_some_and(|length| usize::from(length) != cipher.key_len()) {
        return Err(Failure::Damaged(Tag::Integer.value_error().into()));
    }
    let rounds = rounds.take(kdf.iterations.into())?;
    let key = key(derive, password, kdf.salt.as_bytes(), rounds, cipher);
    cipher.decrypt(&key, iv.as_bytes(), data)
}

/// With HMAC-SHA-256 and AES-256; gives the name of the encryption with its parameters, too.
pub(super) fn encrypt(
    data: &[u8],
    password: &Password<'_>,
    salt: &[u8],
    iv: &[u8],
    rounds: u32,
) -> Result<(AlgorithmIdentifierOwned, Vec<u8>), Failure> {
    let cipher = Cipher::Aes256;
    let key = key(pbkdf2_hmac::<Sha256>, password, salt, rounds, cipher);
    let encrypted = cipher.encrypt(&key, iv, data)?;
    let function =
        AlgorithmIdentifierOwned { oid: names::HMAC_SHA_256, parameters: Some(Any::from(Null)) };
    let derivation = Pbkdf2Params {
        salt: OctetString::new(salt)?,
        iterations: rounds,
        key_length: None,
        function: Some(function),
    };
    let kdf = AlgorithmIdentifierOwned {
        oid: names::PBKDF2,
        parameters: Some(Any::encode_from(&derivation)?),
    };
    let encryption = AlgorithmIdentifierOwned {
        oid: names::AES_256_CBC,
        parameters: Some(Any::encode_from(&OctetString::new(iv)?)?),
    };
    let algorithm = AlgorithmIdentifierOwned {
        oid: names::PBES2,
        parameters: Some(Any::encode_from(&Pbes2Params { kdf, encryption })?),
    };
    Ok((algorithm, encrypted))
}

fn key(
    derive: Derive,
    password: &Password<'_>,
    salt: &[u8],
    rounds: u32,
    cipher: Cipher,
) -> Zeroizing<Vec<u8>> {
    let mut key = Zeroizing::new(vec![0; cipher.key_len()]);
    derive(password.text.as_bytes(), salt, rounds, &mut key);
    key
}

fn present(parameters: Option<&Any>) -> Result<&Any, Failure> {
    parameters.ok_or_else(|| Failure::Damaged(Tag::Sequence.value_error().into()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn sealed(change: impl FnOnce(&mut Pbkdf2Params, &mut Pbes2Params)) -> (Any, Vec<u8>) {
        let password = Password::new("a");
        let (algorithm, sealed) = encrypt(b"text", &password, &[1; 8], &[2; 16], 3).unwrap();
        let mut all: Pbes2Params = algorithm.parameters.unwrap().decode_as().unwrap();
        let mut own: Pbkdf2Params = all.kdf.parameters.take().unwrap().decode_as().unwrap();
        change(&mut own, &mut all);
        all.kdf.parameters = Some(Any::encode_from(&own).unwrap());
        (Any::encode_from(&all).unwrap(), sealed)
    }

    fn open((parameters, data): (Any, Vec<u8>), left: u32) -> Result<Zeroizing<Vec<u8>>, Failure> {
        decrypt(&parameters, &data, &Password::new("a"), &mut Rounds::with(left))
    }

    #[test]
    fn its_rounds_are_taken_from_those_of_the_file() {
        assert_eq!(**open(sealed(|_, _| {}), 3).unwrap(), *b"text");
        assert!(matches!(open(sealed(|_, _| {}), 2), Err(Failure::Rounds(_))));
        let none = sealed(|own, _| own.iterations = 0);
        assert!(matches!(open(none, 3), Err(Failure::Damaged(_))));
    }

    #[test]
    fn a_length_of_the_key_that_is_not_the_ciphers_is_damage() {
        let right = sealed(|own, _| own.key_length = Some(32));
        assert_eq!(**open(right, 3).unwrap(), *b"text");
        let wrong = sealed(|own, _| own.key_length = Some(16));
        assert!(matches!(open(wrong, 3), Err(Failure::Damaged(_))));
    }

    #[test]
    fn what_is_not_known_is_named() {
        let scrypt = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11591.4.11");
        let kdf = sealed(|_, all| all.kdf.oid = scrypt);
        assert!(matches!(open(kdf, 3), Err(Failure::Unknown(name)) if name == scrypt));
        let cipher = sealed(|_, all| all.encryption.oid = names::DATA);
        assert!(matches!(open(cipher, 3), Err(Failure::Unknown(names::DATA))));
        let other = AlgorithmIdentifierOwned { oid: names::DATA, parameters: None };
        let function = sealed(|own, _| own.function = Some(other));
        assert!(matches!(open(function, 3), Err(Failure::Unknown(names::DATA))));
    }

    /// RFC 6070's second vector, by the function that is meant where none is named.
    #[test]
    fn hmac_with_sha_1_is_meant_where_no_function_is_named() {
        let mut key = [0; 20];
        function(names::HMAC_SHA_1).unwrap()(b"password", b"salt", 2, &mut key);
        assert_eq!(key[..4], [0xea, 0x6c, 0x01, 0x4d]);
        let mut key = [0; 32];
        function(names::HMAC_SHA_1).unwrap()(b"a", &[1; 8], 3, &mut key);
        let data = Cipher::Aes256.encrypt(&key, &[2; 16], b"text").unwrap();
        let (parameters, _) = sealed(|own, _| own.function = None);
        assert_eq!(**open((parameters, data), 3).unwrap(), *b"text");
    }
}
