//! The block ciphers of PFX files: all of them in CBC mode, with the padding of PKCS#7.

use aes::{Aes128, Aes192, Aes256};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{
    BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit,
};
use cbc::{Decryptor, Encryptor};
use der::Tag;
use des::{TdesEde2, TdesEde3};
use rc2::Rc2;
use zeroize::Zeroizing;

use super::failure::Failure;

/// A cipher with the length of its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cipher {
    Aes128,
    Aes192,
    Aes256,
    TripleDes,
    /// With the first key again as the third.
    TwoKeyTripleDes,
    Rc2With128,
    Rc2With40,
}

impl Cipher {
    /// The length of its key, in bytes.
    pub(super) fn key_len(self) -> usize {
        match self {
            Self::Aes256 => 32,
            Self::Aes192 | Self::TripleDes => 24,
            Self::Aes128 | Self::TwoKeyTripleDes | Self::Rc2With128 => 16,
            Self::Rc2With40 => 5,
        }
    }

    /// The length of a block, which is that of its initial vector too, in bytes.
    pub(super) fn block_len(self) -> usize {
        match self {
            Self::Aes128 | Self::Aes192 | Self::Aes256 => 16,
            Self::TripleDes | Self::TwoKeyTripleDes | Self::Rc2With128 | Self::Rc2With40 => 8,
        }
    }

    /// Padding that is none means a wrong key.
    pub(super) fn decrypt(
        self,
        key: &[u8],
        iv: &[u8],
        data: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Failure> {
        match self {
            Self::Aes128 => decrypt::<Aes128>(key, iv, data),
            Self::Aes192 => decrypt::<Aes192>(key, iv, data),
            Self::Aes256 => decrypt::<Aes256>(key, iv, data),
            Self::TripleDes => decrypt::<TdesEde3>(key, iv, data),
            Self::TwoKeyTripleDes => decrypt::<TdesEde2>(key, iv, data),
            Self::Rc2With128 | Self::Rc2With40 => decrypt::<Rc2>(key, iv, data),
        }
    }

    pub(super) fn encrypt(self, key: &[u8], iv: &[u8], data: &[u8]) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Aes128 => encrypt::<Aes128>(key, iv, data),
            Self::Aes192 => encrypt::<Aes192>(key, iv, data),
            Self::Aes256 => encrypt::<Aes256>(key, iv, data),
            Self::TripleDes => encrypt::<TdesEde3>(key, iv, data),
            Self::TwoKeyTripleDes => encrypt::<TdesEde2>(key, iv, data),
            Self::Rc2With128 | Self::Rc2With40 => encrypt::<Rc2>(key, iv, data),
        }
    }
}

fn decrypt<C: BlockCipherDecrypt + KeyInit>(
    key: &[u8],
    iv: &[u8],
    data: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let cipher = Decryptor::<C>::new_from_slices(key, iv).map_err(|_| wrong_length())?;
    let mut bytes = Zeroizing::new(data.to_vec());
    let length = cipher.decrypt_padded::<Pkcs7>(&mut bytes).map_err(|_| Failure::Password)?.len();
    bytes.truncate(length);
    Ok(bytes)
}

fn encrypt<C: BlockCipherEncrypt + KeyInit>(
    key: &[u8],
    iv: &[u8],
    data: &[u8],
) -> Result<Vec<u8>, Failure> {
    let cipher = Encryptor::<C>::new_from_slices(key, iv).map_err(|_| wrong_length())?;
    // There is always padding: a whole block of it behind a last block that is full.
    let mut bytes = vec![0; (data.len() / C::block_size() + 1) * C::block_size()];
    cipher.encrypt_padded_b2b::<Pkcs7>(data, &mut bytes).map_err(|_| wrong_length())?;
    Ok(bytes)
}

fn wrong_length() -> Failure {
    Failure::Damaged(Tag::OctetString.length_error().into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_cipher_gives_back_what_it_was_given_and_says_its_own_lengths() {
        use Cipher::*;
        for cipher in [Aes128, Aes192, Aes256, TripleDes, TwoKeyTripleDes, Rc2With128, Rc2With40] {
            let (key, iv) = (vec![7; cipher.key_len()], vec![9; cipher.block_len()]);
            for length in [0, 1, 8, 15, 16, 100] {
                let text = vec![b'a'; length];
                let sealed = cipher.encrypt(&key, &iv, &text).unwrap();
                assert!(sealed.len() > length && sealed.len() <= length + cipher.block_len());
                assert_eq!(*cipher.decrypt(&key, &iv, &sealed).unwrap(), text, "{cipher:?}");
            }
            for data in [&[][..], &[1, 2, 3]] {
                let refused = cipher.decrypt(&key, &iv, data);
                assert!(matches!(refused, Err(Failure::Password)), "{cipher:?}");
            }
            let refused = cipher.decrypt(&key, &iv[1..], &[0; 16]);
            assert!(matches!(refused, Err(Failure::Damaged(_))), "{cipher:?}");
        }
    }
}
