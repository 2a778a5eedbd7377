//! PFX files that others made, in the encryptions that are about.
//!
//! Those of `pfx/` are by OpenSSL 3.0, with `openssl pkcs12 -export -iter 2 -name shop` and a second certificate behind the
//! one of the key; what else was given stands beside each.

use std::fs;
use std::path::Path;

use backstay_cert::{Certificate, Error, Format, KeyState, read};
use der::asn1::ObjectIdentifier;
use der::{Decode, Encode};
use pkcs12::pfx::Pfx;

use crate::made::{ANY, PLAIN, printed, run};

/// All with the same certificate and key, and the password of [`PLAIN`].
pub(crate) const FILES: [(&str, &[u8]); 6] = [
    ("nothing", include_bytes!("pfx/aes256.pfx")),
    // Without a MAC there is none of the file, and the certificates are not encrypted.
    ("-nomac", include_bytes!("pfx/bare.pfx")),
    ("-certpbe NONE -keypbe NONE", include_bytes!("pfx/clear.pfx")),
    ("-certpbe aes-192-cbc -keypbe des-ede3-cbc -macalg sha512", include_bytes!("pfx/mixed.pfx")),
    (
        "-legacy -certpbe PBE-SHA1-RC2-128 -keypbe PBE-SHA1-2DES -macalg sha384",
        include_bytes!("pfx/rc2-128.pfx"),
    ),
    ("-legacy", include_bytes!("pfx/rc2-40.pfx")),
];

#[test]
fn every_encryption_gives_the_same_certificate_and_key() {
    let wanted = Certificate::open(FILES[0].1, Some(PLAIN)).unwrap();
    assert_eq!(wanted.common_name(), "localhost");
    for (options, file) in FILES {
        let opened = Certificate::open(file, Some(PLAIN)).unwrap();
        assert_eq!(opened.der(), wanted.der(), "{options}");
        assert_eq!(opened.pem_key(), wanted.pem_key(), "{options}");
        assert_eq!(read(file, Some("other")), Err(Error::WrongPassword), "{options}");
        assert_eq!(read(file, None), Err(Error::PasswordNeeded), "{options}");
    }
}

#[test]
fn a_file_without_a_password_needs_none() {
    // `-passout pass: -legacy`
    let file = include_bytes!("pfx/empty.pfx");
    for password in [None, Some("")] {
        let info = read(file, password).unwrap();
        assert_eq!((info.format, info.key), (Format::Pfx, KeyState::Matches));
    }
    assert_eq!(read(file, Some(PLAIN)), Err(Error::WrongPassword));
}

/// Does something to a file that is otherwise good, and gives what reading it says then.
fn changed(file: &[u8], change: impl FnOnce(&mut Pfx)) -> String {
    let mut pfx = Pfx::from_der(file).unwrap();
    change(&mut pfx);
    read(&pfx.to_der().unwrap(), Some(PLAIN)).unwrap_err().to_string()
}

#[test]
fn a_file_that_would_keep_the_machine_busy_is_refused_with_the_limit() {
    let with =
        |rounds| changed(FILES[0].1, |pfx| pfx.mac_data.as_mut().unwrap().iterations = rounds);
    for rounds in [10_000_001, i32::MAX] {
        assert!(with(rounds).contains("more than 10000000 rounds"), "{}", with(rounds));
    }
    for rounds in [0, -1] {
        assert!(with(rounds).contains("damaged"), "{}", with(rounds));
    }
}

#[test]
fn what_is_not_known_here_is_named_with_what_to_do() {
    let pbmac1 = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.14");
    let error = changed(FILES[0].1, |pfx| {
        pfx.mac_data.as_mut().unwrap().mac.algorithm.oid = pbmac1;
    });
    assert!(
        error.contains("(1.2.840.113549.1.5.14)") && error.contains("write it again"),
        "{error}"
    );
    let signed = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
    let error = changed(FILES[0].1, |pfx| pfx.auth_safe.content_type = signed);
    assert!(error.contains("(1.2.840.113549.1.7.2)"), "{error}");
}

#[test]
fn a_mac_of_another_file_is_a_wrong_password() {
    let other = Pfx::from_der(FILES[3].1).unwrap().mac_data;
    let error = changed(FILES[0].1, |pfx| pfx.mac_data = other);
    assert_eq!(error, Error::WrongPassword.to_string());
    let error = changed(FILES[0].1, |pfx| {
        let mac = &mut pfx.mac_data.as_mut().unwrap().mac;
        mac.digest = der::asn1::OctetString::new(&mac.digest.as_bytes()[..31]).unwrap();
    });
    assert_eq!(error, Error::WrongPassword.to_string());
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).into_os_string().into_string().unwrap()
}

#[test]
fn what_the_openssl_of_this_machine_writes_is_read_in_every_encryption() {
    let folder = tempfile::tempdir().unwrap();
    let [pem, pfx] = ["shop.pem", "shop.pfx"].map(|name| path(folder.path(), name));
    fs::write(&pem, ANY.pem_certificate() + ANY.pem_key()).unwrap();
    let of = |cipher: &'static str| vec!["-certpbe", cipher, "-keypbe", cipher];
    let old = |cipher: &'static str| [vec!["-legacy"], of(cipher)].concat();
    let kinds: [Vec<&str>; 16] = [
        vec![],
        vec!["-legacy"],
        of("aes-128-cbc"),
        of("aes-192-cbc"),
        of("des-ede3-cbc"),
        of("NONE"),
        old("PBE-SHA1-3DES"),
        old("PBE-SHA1-2DES"),
        old("PBE-SHA1-RC2-128"),
        old("PBE-SHA1-RC2-40"),
        vec!["-nomac"],
        vec!["-macalg", "sha1"],
        vec!["-macalg", "sha224"],
        vec!["-macalg", "sha384"],
        vec!["-macalg", "sha512"],
        vec!["-noiter", "-nomaciter"],
    ];
    for kind in kinds {
        let export =
            ["pkcs12", "-export", "-in", &pem, "-out", &pfx, "-passout", "env:TEST_PASSWORD"];
        let Some(output) = run("openssl", &[&export[..], &kind].concat(), PLAIN) else { return };
        printed(&output);
        let file = fs::read(&pfx).unwrap();
        let opened = Certificate::open(&file, Some(PLAIN)).unwrap();
        assert_eq!((opened.der(), opened.pem_key()), (ANY.der(), ANY.pem_key()), "{kind:?}");
        assert_eq!(read(&file, Some("other")), Err(Error::WrongPassword), "{kind:?}");
    }
}

#[test]
fn what_java_writes_is_read_with_every_function_that_it_derives_keys_with() {
    let folder = tempfile::tempdir().unwrap();
    let [ours, theirs] = ["ours.pfx", "theirs.pfx"].map(|name| path(folder.path(), name));
    fs::write(&ours, ANY.to_pfx(PLAIN, Default::default(), "shop").unwrap()).unwrap();
    let kinds = [
        ["PBEWithHmacSHA1AndAES_128", "PBEWithHmacSHA224AndAES_256", "HmacPBESHA512/256"],
        ["PBEWithHmacSHA384AndAES_128", "PBEWithHmacSHA512AndAES_256", "HmacPBESHA512/224"],
    ];
    for kind in kinds {
        let options = ["keyProtectionAlgorithm", "certProtectionAlgorithm", "macAlgorithm"];
        let options: Vec<String> = std::iter::zip(options, kind)
            .map(|(option, value)| format!("-J-Dkeystore.pkcs12.{option}={value}"))
            .collect();
        let passwords =
            ["-srcstorepass:env", "TEST_PASSWORD", "-deststorepass:env", "TEST_PASSWORD"];
        let import = ["-importkeystore", "-srckeystore", &ours, "-destkeystore", &theirs];
        let arguments: Vec<&str> =
            options.iter().map(String::as_str).chain(import).chain(passwords).collect();
        let Some(output) = run("keytool", &arguments, PLAIN) else { return };
        printed(&output);
        let file = fs::read(&theirs).unwrap();
        let opened = Certificate::open(&file, Some(PLAIN)).unwrap();
        assert_eq!((opened.der(), opened.pem_key()), (ANY.der(), ANY.pem_key()), "{kind:?}");
        assert_eq!(read(&file, Some("other")), Err(Error::WrongPassword), "{kind:?}");
        fs::remove_file(&theirs).unwrap();
    }
}
