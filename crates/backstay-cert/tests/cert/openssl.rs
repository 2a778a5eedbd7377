//! OpenSSL reads what is written here, and what it writes is read.

use std::fs;
use std::path::Path;

use backstay_cert::{Encryption, Error, Format, KeyState, read};

use crate::made::{ANY, BOTH, PLAIN, WIDE, printed, run};

fn openssl(arguments: &[&str], password: &str) -> Option<String> {
    run("openssl", arguments, password).map(|output| printed(&output))
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).into_os_string().into_string().unwrap()
}

#[test]
fn openssl_opens_both_encryptions_and_the_key_belongs_to_the_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let file = path(folder.path(), "shop.pfx");
    for (encryption, password) in BOTH.into_iter().flat_map(|e| [(e, PLAIN), (e, WIDE)]) {
        fs::write(&file, ANY.to_pfx(password, encryption, "shop").unwrap()).unwrap();
        let mut arguments =
            vec!["pkcs12", "-info", "-in", &file, "-passin", "env:TEST_PASSWORD", "-nodes"];
        if encryption == Encryption::Legacy {
            arguments.push("-legacy");
        }
        let Some(text) = openssl(&arguments, password) else { return };
        let expected = match encryption {
            Encryption::Modern => ["MAC: sha256", "PBES2, PBKDF2, AES-256-CBC", "hmacWithSHA256"],
            Encryption::Legacy => {
                ["MAC: sha1", "pbeWithSHA1And3-KeyTripleDES-CBC", "friendlyName: shop"]
            }
        };
        for part in expected {
            assert!(text.contains(part), "{part}\n{text}");
        }
        let unpacked = path(folder.path(), "unpacked.pem");
        fs::write(&unpacked, &text).unwrap();
        let of_key = openssl(&["pkey", "-in", &unpacked, "-pubout"], "").unwrap();
        let of_certificate = openssl(&["x509", "-in", &unpacked, "-noout", "-pubkey"], "").unwrap();
        assert_eq!(of_key, of_certificate);
        let info = read(text.as_bytes(), None).unwrap();
        assert_eq!((info.format, info.key), (Format::Pem, KeyState::Matches));
    }
}

#[test]
fn openssl_trusts_it_as_a_server_for_its_names_only() {
    let folder = tempfile::tempdir().unwrap();
    let (own, key) = (path(folder.path(), "shop.crt"), path(folder.path(), "shop.key"));
    fs::write(&own, ANY.pem_certificate()).unwrap();
    fs::write(&key, ANY.pem_key()).unwrap();
    let verify = ["verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", &own];
    for name in
        [["-verify_hostname", "localhost"], ["-verify_ip", "127.0.0.1"], ["-verify_ip", "::1"]]
    {
        let Some(text) = openssl(&[&verify[..], &name, &[&own]].concat(), "") else { return };
        assert!(text.contains("OK"), "{text}");
    }
    let other = [&verify[..], &["-verify_hostname", "example.com", &own]].concat();
    assert!(!run("openssl", &other, "").unwrap().status.success());
    let text =
        openssl(&["x509", "-in", &own, "-noout", "-text", "-fingerprint", "-sha256"], "").unwrap();
    for part in [
        "X509v3 Basic Constraints: critical",
        "CA:FALSE",
        "X509v3 Key Usage: critical",
        "Digital Signature",
        "TLS Web Server Authentication",
        "DNS:localhost, IP Address:127.0.0.1",
        "ASN1 OID: prime256v1",
        "Signature Algorithm: ecdsa-with-SHA256",
        "X509v3 Subject Key Identifier",
        "Version: 3",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let info = read(ANY.der(), None).unwrap();
    assert!(text.contains(&info.fingerprint_sha256), "{text}");
    let of_key = openssl(&["pkey", "-in", &key, "-pubout"], "").unwrap();
    assert_eq!(of_key, openssl(&["x509", "-in", &own, "-noout", "-pubkey"], "").unwrap());
}

#[test]
fn what_openssl_made_is_read_with_every_kind_of_key() {
    let folder = tempfile::tempdir().unwrap();
    let [key, own, pfx] = ["a.key", "a.crt", "a.pfx"].map(|name| path(folder.path(), name));
    let kinds: [(&[&str], KeyState); 4] = [
        (&["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], KeyState::Matches),
        (&["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], KeyState::Matches),
        (&["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"], KeyState::Matches),
        (&["-algorithm", "ED25519"], KeyState::Unchecked),
    ];
    let password = "env:TEST_PASSWORD";
    for (kind, state) in kinds {
        if openssl(&[&["genpkey", "-out", &key], kind].concat(), "").is_none() {
            return;
        }
        openssl(
            &[
                "req",
                "-x509",
                "-new",
                "-key",
                &key,
                "-out",
                &own,
                "-days",
                "9",
                "-subj",
                "/O=Ö/CN=shop",
                "-addext",
                "subjectAltName=DNS:shop,IP:10.0.0.1",
            ],
            "",
        )
        .unwrap();
        for legacy in [false, true] {
            let mut export = vec![
                "pkcs12", "-export", "-inkey", &key, "-in", &own, "-out", &pfx, "-passout",
                password,
            ];
            if legacy {
                export.extend(["-legacy", "-certpbe", "PBE-SHA1-3DES"]);
            }
            openssl(&export, WIDE).unwrap();
            let bytes = fs::read(&pfx).unwrap();
            let info = read(&bytes, Some(WIDE)).unwrap();
            assert_eq!((info.format, info.key), (Format::Pfx, state), "{kind:?}");
            assert_eq!(info.names, ["shop", "10.0.0.1"]);
            assert!(info.self_signed);
            assert_eq!(read(&bytes, Some("other")), Err(Error::WrongPassword));
        }
        let pem = [fs::read(&own).unwrap(), fs::read(&key).unwrap()].concat();
        assert_eq!(read(&pem, None).unwrap().key, state, "{kind:?}");
        let other = [ANY.pem_certificate().into_bytes(), fs::read(&key).unwrap()].concat();
        assert_eq!(read(&other, None).unwrap().key, KeyState::Mismatch, "{kind:?}");
    }
}
