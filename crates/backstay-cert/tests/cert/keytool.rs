//! Java's keytool reads what is written here.

use std::fs;
use std::process::Output;

use backstay_cert::read;

use crate::made::{ANY, BOTH, PFX, PLAIN, WIDE, printed, run};

fn keytool(file: &str, password: &str) -> Option<Output> {
    let list = ["-J-Duser.language=en", "-list", "-v", "-keystore", file, "-storetype", "PKCS12"];
    run("keytool", &[&list[..], &["-storepass:env", "TEST_PASSWORD"]].concat(), password)
}

#[test]
fn keytool_lists_both_encryptions() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.pfx").into_os_string().into_string().unwrap();
    let info = read(ANY.der(), None).unwrap();
    for pfx in PFX.iter() {
        fs::write(&file, pfx).unwrap();
        let Some(output) = keytool(&file, PLAIN) else { return };
        let text = printed(&output);
        let fingerprint = format!("SHA256: {}", info.fingerprint_sha256);
        for part in ["Alias name: shop", "Entry type: PrivateKeyEntry", "256-bit EC", &fingerprint]
        {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert!(!keytool(&file, "another one").unwrap().status.success());
    }
}

/// Java takes no password beyond ASCII for either encryption, whoever wrote the file. OpenSSL reads these same files.
/// Where a Java is found that has learnt it, this test passes too.
#[test]
fn keytool_takes_no_password_beyond_ascii_not_even_for_files_of_openssl() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name| folder.path().join(name).into_os_string().into_string().unwrap();
    let [pem, theirs, ours] = ["shop.pem", "theirs.pfx", "ours.pfx"].map(path);
    fs::write(&pem, ANY.pem_certificate() + ANY.pem_key()).unwrap();
    let export =
        ["pkcs12", "-export", "-in", &pem, "-out", &theirs, "-passout", "env:TEST_PASSWORD"];
    let old: &[&str] = &["-legacy", "-certpbe", "PBE-SHA1-3DES"];
    for (encryption, options) in BOTH.into_iter().zip([&[], old]) {
        fs::write(&ours, ANY.to_pfx(WIDE, encryption, "shop").unwrap()).unwrap();
        let Some(exported) = run("openssl", &[&export[..], options].concat(), WIDE) else { return };
        printed(&exported);
        for file in [&theirs, &ours] {
            let Some(output) = keytool(file, WIDE) else { return };
            let text = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success() || text.contains("Password is not ASCII"), "{text}");
        }
    }
}
