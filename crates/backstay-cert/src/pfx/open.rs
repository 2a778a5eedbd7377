//! Opens a PFX file.

use der::Decode;
use der::asn1::OctetString;
use pkcs12::AuthenticatedSafe;
use pkcs12::pfx::Pfx;

use super::bags::{Contents, Opener};
use super::failure::Failure;
use super::password::Password;
use super::rounds::Rounds;
use super::{mac, names};
use crate::key::PrivateKey;
use crate::{Error, Result, password};

/// What a PFX file holds.
pub(crate) struct Opened {
    /// The certificate that belongs to the key, else the first.
    pub(crate) certificate: Vec<u8>,
    /// The key.
    pub(crate) key: Option<PrivateKey>,
}

/// Opens a PFX file; `None` where the bytes are none.
pub(crate) fn open(bytes: &[u8], password: Option<&str>) -> Result<Option<Opened>> {
    let Ok(pfx) = Pfx::from_der(bytes) else { return Ok(None) };
    let given = password.unwrap_or_default();
    password::validate(given)?;
    let Contents { mut certificates, keys } =
        contents(&pfx, given).map_err(|failure| failure.explain(password))?;
    let key = keys.into_iter().next();
    let id = key.as_ref().and_then(|key| key.id.as_ref());
    let own = certificates.iter().position(|own| id.is_some() && own.id.as_ref() == id);
    if certificates.is_empty() {
        return Err(Error::unreadable("the PFX file holds no certificate"));
    }
    let certificate = certificates.swap_remove(own.unwrap_or_default()).value;
    let key = key.map(|key| PrivateKey::Pkcs8(key.value));
    Ok(Some(Opened { certificate, key }))
}

fn contents(pfx: &Pfx, password: &str) -> Result<Contents, Failure> {
    let mut rounds = Rounds::of_a_file();
    for form in Password::forms(password) {
        match contents_with(pfx, &form, &mut rounds) {
            Err(Failure::Password) => {}
            other => return other,
        }
    }
    Err(Failure::Password)
}

fn contents_with(
    pfx: &Pfx,
    password: &Password<'_>,
    rounds: &mut Rounds,
) -> Result<Contents, Failure> {
    if pfx.auth_safe.content_type != names::DATA {
        return Err(Failure::Unknown(pfx.auth_safe.content_type));
    }
    let safes: OctetString = pfx.auth_safe.content.decode_as()?;
    if let Some(own) = &pfx.mac_data {
        mac::verify(own, safes.as_bytes(), password, rounds)?;
    }
    let mut found = Contents::default();
    let mut opener = Opener { password, rounds };
    for safe in AuthenticatedSafe::from_der(safes.as_bytes())? {
        opener.open(&safe, &mut found)?;
    }
    Ok(found)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::{Encryption, write};
    use super::*;
    use crate::{Request, create};

    #[test]
    fn no_password_is_found_in_both_ways_of_writing_it() {
        let own = create(&Request::default(), jiff::Timestamp::now()).unwrap();
        for encryption in [Encryption::Modern, Encryption::Legacy] {
            for form in Password::forms("") {
                let file = write::file(&own, &form, encryption, "shop").unwrap();
                for password in [None, Some("")] {
                    let opened = open(&file, password).unwrap().unwrap();
                    assert_eq!(opened.certificate, own.der());
                    assert!(opened.key.is_some());
                }
                assert!(matches!(open(&file, Some("a")), Err(Error::WrongPassword)));
            }
        }
    }
}
