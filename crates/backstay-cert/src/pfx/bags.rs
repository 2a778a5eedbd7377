//! What lies in a PFX file: certificates and keys, each in a bag (RFC 7292, section 4.2).

use der::asn1::{AnyRef, ContextSpecific, OctetString};
use der::{Decode, Encode, Tag};
use p256::pkcs8::PrivateKeyInfoRef;
use pkcs12::cms::content_info::ContentInfo;
use pkcs12::cms::encrypted_data::EncryptedData;
use pkcs12::pbe_params::EncryptedPrivateKeyInfo;
use pkcs12::safe_bag::{SafeBag, SafeContents};
use pkcs12::{BagType, CertBag};
use x509_cert::attr::Attributes;
use x509_cert::spki::AlgorithmIdentifierOwned;
use zeroize::Zeroizing;

use super::failure::Failure;
use super::password::Password;
use super::rounds::Rounds;
use super::{names, pbes1, pbes2};

/// Something of a bag, with the id that binds a certificate to its key.
pub(super) struct Held<T> {
    pub(super) id: Option<Vec<u8>>,
    pub(super) value: T,
}

/// What the bags of a file hold, in their order. Revocation lists and other secrets are passed over.
#[derive(Default)]
pub(super) struct Contents {
    /// As DER.
    pub(super) certificates: Vec<Held<Vec<u8>>>,
    /// As PKCS#8.
    pub(super) keys: Vec<Held<Zeroizing<Vec<u8>>>>,
}

/// Opens bags with a password.
pub(super) struct Opener<'a> {
    pub(super) password: &'a Password<'a>,
    pub(super) rounds: &'a mut Rounds,
}

impl Opener<'_> {
    /// Adds what one of the file's safes holds.
    pub(super) fn open(&mut self, safe: &ContentInfo, into: &mut Contents) -> Result<(), Failure> {
        let bags = match safe.content_type {
            names::DATA => {
                let data: OctetString = safe.content.decode_as()?;
                SafeContents::from_der(data.as_bytes())?
            }
            names::ENCRYPTED_DATA => {
                let sealed = safe.content.decode_as::<EncryptedData>()?.enc_content_info;
                let Some(data) = sealed.encrypted_content else { return Ok(()) };
                let bags = self.decrypt(&sealed.content_enc_alg, data.as_bytes())?;
                // A wrong password gives padding that looks right once in a while, and then no bags.
                SafeContents::from_der(&bags).map_err(|_| Failure::Password)?
            }
            other => return Err(Failure::Unknown(other)),
        };
        bags.into_iter().try_for_each(|bag| self.unpack(bag, into))
    }

    fn unpack(&mut self, bag: SafeBag, into: &mut Contents) -> Result<(), Failure> {
        let id = bag.bag_attributes.as_ref().and_then(local_key_id);
        let bytes = Zeroizing::new(bag.bag_value);
        match BagType::try_from(bag.bag_id) {
            Ok(BagType::Cert) => {
                let bag = ContextSpecific::<CertBag>::from_der(&bytes)?.value;
                if bag.cert_id == pkcs12::PKCS_12_X509_CERT_OID {
                    let value = bag.cert_value.into_bytes().into_vec();
                    into.certificates.push(Held { id, value });
                }
            }
            Ok(BagType::Key) => {
                let key = ContextSpecific::<AnyRef<'_>>::from_der(&bytes)?.value.to_der()?;
                let value = Zeroizing::new(key);
                if PrivateKeyInfoRef::from_der(&value).is_err() {
                    return Err(Failure::Damaged(Tag::Sequence.value_error().into()));
                }
                into.keys.push(Held { id, value });
            }
            Ok(BagType::Pkcs8) => {
                let bag = ContextSpecific::<EncryptedPrivateKeyInfo>::from_der(&bytes)?.value;
                let data = bag.encrypted_data.as_bytes();
                let value = self.decrypt(&bag.encryption_algorithm, data)?;
                PrivateKeyInfoRef::from_der(&value).map_err(|_| Failure::Password)?;
                into.keys.push(Held { id, value });
            }
            _ => {}
        }
        Ok(())
    }

    fn decrypt(
        &mut self,
        algorithm: &AlgorithmIdentifierOwned,
        data: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let missing = || Failure::Damaged(Tag::Sequence.value_error().into());
        let parameters = algorithm.parameters.as_ref().ok_or_else(missing);
        if algorithm.oid == names::PBES2 {
            return pbes2::decrypt(parameters?, data, self.password, self.rounds);
        }
        let cipher = pbes1::cipher(algorithm.oid).ok_or(Failure::Unknown(algorithm.oid))?;
        pbes1::decrypt(cipher, parameters?, data, self.password, self.rounds)
    }
}

fn local_key_id(attributes: &Attributes) -> Option<Vec<u8>> {
    let own = attributes.iter().find(|attribute| attribute.oid == names::LOCAL_KEY_ID)?;
    let id: OctetString = own.values.iter().next()?.decode_as().ok()?;
    Some(id.into_bytes().into_vec())
}
