//! Reading what is no certificate, or one of an unusual form.

use backstay_cert::{Format, KeyState, read};

use crate::made::{ANY, PFX, PLAIN};

fn problem(bytes: &[u8]) -> String {
    read(bytes, Some(PLAIN)).unwrap_err().to_string()
}

#[test]
fn what_is_no_certificate_is_said_with_what_it_is() {
    assert!(problem(b"").contains("empty"));
    assert!(problem(b"hello").contains("neither PEM nor PFX"));
    assert!(problem(&[0xff; 40]).contains("neither PEM nor PFX"));
    assert!(problem(&[0x30, 0x82]).contains("damaged"));
    assert!(problem(&vec![b' '; 5 << 20]).contains("4 MiB"));
    assert!(problem(ANY.pem_key().as_bytes()).contains("holds no certificate"));
    let pem = ANY.pem_certificate();
    assert!(problem(&pem.as_bytes()[..pem.len() - 30]).contains("cut off"));
    assert!(problem(pem.replacen("MII", "M?I", 1).as_bytes()).contains("Base64"));
    assert!(problem(&PFX[0][..PFX[0].len() - 1]).contains("damaged"));
}

#[test]
fn pem_is_read_with_notes_other_line_ends_and_the_key_first() {
    let text = format!("note: mine\n{}\n{}", ANY.pem_key(), ANY.pem_certificate());
    for text in [text.clone(), text.replace('\n', "\r\n"), text.replace('\n', "  \n")] {
        let info = read(text.as_bytes(), None).unwrap();
        assert_eq!((info.format, info.key), (Format::Pem, KeyState::Matches));
    }
}

#[test]
fn of_several_certificates_the_one_of_the_key_is_taken() {
    let other = backstay_cert::create(&Default::default(), jiff::Timestamp::now()).unwrap();
    let text = other.pem_certificate() + &ANY.pem_certificate() + ANY.pem_key();
    let info = read(text.as_bytes(), None).unwrap();
    assert_eq!(info.key, KeyState::Matches);
    assert_eq!(info.fingerprint_sha256, read(ANY.der(), None).unwrap().fingerprint_sha256);
}

#[test]
fn an_encrypted_pem_key_is_there_but_not_compared() {
    let key = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMAA=\n-----END RSA PRIVATE KEY-----\n";
    for key in [key, old] {
        let info = read((ANY.pem_certificate() + key).as_bytes(), None).unwrap();
        assert_eq!(info.key, KeyState::Unchecked);
        assert!(info.has_key());
    }
}
