//! A certificate with its key, read back from its files.

use backstay_cert::{Certificate, Error, Request, create};
use jiff::Timestamp;

use crate::made::{ANY, PFX, PLAIN};

#[test]
fn both_forms_give_the_same_certificate_and_key_back() {
    let pem = format!("{}{}", ANY.pem_certificate(), ANY.pem_key());
    let opened = [
        Certificate::open(&PFX[0], Some(PLAIN)).unwrap(),
        Certificate::open(&PFX[1], Some(PLAIN)).unwrap(),
        Certificate::open(pem.as_bytes(), None).unwrap(),
    ];
    for certificate in opened {
        assert_eq!(certificate.der(), ANY.der());
        assert_eq!(certificate.pem_certificate(), ANY.pem_certificate());
        assert_eq!(certificate.pem_key(), ANY.pem_key());
        assert_eq!(certificate.common_name(), ANY.common_name());
    }
}

#[test]
fn what_can_not_be_used_is_refused() {
    let other = create(&Request::default(), Timestamp::now()).unwrap();
    let alone = ANY.pem_certificate();
    let mixed = format!("{alone}{}", other.pem_key());
    assert_eq!(Certificate::open(&PFX[0], Some("no")).unwrap_err(), Error::WrongPassword);
    for (text, says) in
        [(&*alone, "no key"), (&*mixed, "another"), (other.pem_key(), "no certificate")]
    {
        let error = Certificate::open(text.as_bytes(), None).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}
