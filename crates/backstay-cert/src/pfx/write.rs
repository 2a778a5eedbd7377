//! Writes a PFX file.

use der::asn1::{Any, BmpString, ObjectIdentifier, OctetString, SetOfVec};
use der::{Encode, EncodeValue, Tagged};
use p256::elliptic_curve::Generate;
use pkcs12::cms::content_info::{CmsVersion, ContentInfo};
use pkcs12::cms::encrypted_data::EncryptedData;
use pkcs12::cms::enveloped_data::EncryptedContentInfo;
use pkcs12::pbe_params::EncryptedPrivateKeyInfo;
use pkcs12::pfx::{Pfx, Version};
use pkcs12::safe_bag::SafeBag;
use pkcs12::{BagType, CertBag};
use sha2::{Digest, Sha256};
use x509_cert::attr::{Attribute, Attributes};
use x509_cert::spki::AlgorithmIdentifierOwned;

use super::failure::Failure;
use super::password::Password;
use super::{Encryption, mac, names, pbes1, pbes2};
use crate::{Certificate, Error, Result, password};

/// Rounds of each derivation: twice what Java does, ten times what OpenSSL does. Not many more: .NET refuses to import
/// files with uncommonly many (KB5025823).
const ROUNDS: u32 = 20_000;

impl Certificate {
    /// Both as a PFX file. `friendly_name` is the name that Windows and Java show for them.
    ///
    /// # Errors
    /// [`Error::Password`](crate::Error::Password) where the password can't be used, and
    /// [`Error::Request`](crate::Error::Request) where the name can't.
    pub fn to_pfx(
        &self,
        password: &str,
        encryption: Encryption,
        friendly_name: &str,
    ) -> Result<Vec<u8>> {
        write(self, password, encryption, friendly_name)
    }
}

fn write(
    certificate: &Certificate,
    password: &str,
    encryption: Encryption,
    friendly_name: &str,
) -> Result<Vec<u8>> {
    password::validate(password)?;
    validate_friendly_name(friendly_name)?;
    file(certificate, &Password::new(password), encryption, friendly_name)
}

/// The certificate's bag, encrypted as a whole, and the key, encrypted on its own: as OpenSSL, Java and Windows write them.
pub(super) fn file(
    certificate: &Certificate,
    password: &Password<'_>,
    encryption: Encryption,
    friendly_name: &str,
) -> Result<Vec<u8>> {
    let attributes = attributes(&certificate.der, friendly_name).map_err(writing)?;
    let certificates =
        certificates(certificate, &attributes).and_then(|bags| bags.to_der()).map_err(writing)?;
    let certificates = encrypt(&certificates, password, encryption)?;
    let key = encrypt(&certificate.key, password, encryption)?;
    let safes = safes(certificates, key, attributes).map_err(writing)?;
    let mac = mac::make(encryption, &safes, password, &random::<20>()?, ROUNDS).map_err(sealing)?;
    let auth_safe = data(safes).map_err(writing)?;
    let pfx = Pfx { version: Version::V3, auth_safe, mac_data: Some(mac) };
    pfx.to_der().map_err(writing)
}

/// The friendly name, and the id that binds the certificate to its key.
fn attributes(der: &[u8], friendly_name: &str) -> der::Result<Attributes> {
    let id = Sha256::digest(der);
    SetOfVec::from_iter([
        attribute(names::FRIENDLY_NAME, &BmpString::from_utf8(friendly_name)?)?,
        attribute(names::LOCAL_KEY_ID, &OctetString::new(&id[..20])?)?,
    ])
}

fn attribute<T: EncodeValue + Tagged>(oid: ObjectIdentifier, value: &T) -> der::Result<Attribute> {
    Ok(Attribute { oid, values: SetOfVec::from_iter([Any::encode_from(value)?])? })
}

fn certificates(certificate: &Certificate, attributes: &Attributes) -> der::Result<Vec<SafeBag>> {
    let bag = CertBag {
        cert_id: pkcs12::PKCS_12_X509_CERT_OID,
        cert_value: OctetString::new(&*certificate.der)?,
    };
    Ok(vec![SafeBag {
        bag_id: BagType::Cert.into(),
        bag_value: bag.to_der()?,
        bag_attributes: Some(attributes.clone()),
    }])
}

/// Bytes that are encrypted, with how they are.
type Sealed = (AlgorithmIdentifierOwned, Vec<u8>);

fn encrypt(bytes: &[u8], password: &Password<'_>, encryption: Encryption) -> Result<Sealed> {
    let sealed = match encryption {
        Encryption::Modern => {
            pbes2::encrypt(bytes, password, &random::<32>()?, &random::<16>()?, ROUNDS)
        }
        Encryption::Legacy => pbes1::encrypt(bytes, password, &random::<20>()?, ROUNDS),
    };
    sealed.map_err(sealing)
}

/// What the MAC protects: all of the file but its frame.
fn safes(
    (content_enc_alg, certificates): Sealed,
    (encryption_algorithm, key): Sealed,
    attributes: Attributes,
) -> der::Result<Vec<u8>> {
    let certificates = EncryptedData {
        version: CmsVersion::V0,
        enc_content_info: EncryptedContentInfo {
            content_type: names::DATA,
            content_enc_alg,
            encrypted_content: Some(OctetString::new(certificates)?),
        },
        unprotected_attrs: None,
    };
    let certificates = ContentInfo {
        content_type: names::ENCRYPTED_DATA,
        content: Any::encode_from(&certificates)?,
    };
    let key =
        EncryptedPrivateKeyInfo { encryption_algorithm, encrypted_data: OctetString::new(key)? };
    let key = SafeBag {
        bag_id: BagType::Pkcs8.into(),
        bag_value: key.to_der()?,
        bag_attributes: Some(attributes),
    };
    vec![certificates, data(vec![key].to_der()?)?].to_der()
}

/// Contents that are not encrypted again.
fn data(bytes: Vec<u8>) -> der::Result<ContentInfo> {
    let content = Any::encode_from(&OctetString::new(bytes)?)?;
    Ok(ContentInfo { content_type: names::DATA, content })
}

fn random<const N: usize>() -> Result<[u8; N]> {
    <[u8; N]>::try_generate().map_err(writing)
}

fn validate_friendly_name(name: &str) -> Result<()> {
    let good = |c: char| !c.is_control() && u32::from(c) <= 0xffff;
    if (1..=128).contains(&name.chars().count()) && name.chars().all(good) {
        return Ok(());
    }
    let problem =
        "give 1 to 128 characters, none of them a control character or beyond U+FFFF".to_owned();
    Err(Error::Request { field: "friendly_name", problem })
}

fn writing<E: std::fmt::Display>(error: E) -> Error {
    Error::create("writing the PFX")(error)
}

fn sealing(failure: Failure) -> Error {
    match failure {
        Failure::Damaged(error) => writing(error),
        other => other.explain(Some("")),
    }
}
