//! No bytes make the reader panic.

use std::sync::LazyLock;

use backstay_cert::{Settings, check, read};
use der::{Decode, Encode};
use jiff::Timestamp;
use pkcs12::pfx::Pfx;
use proptest::prelude::*;

use crate::made::{ANY, PLAIN};
use crate::makers;

/// Files of every form. The PFX files have few rounds, and of each there is one without a MAC, so that damage gets
/// past it.
static FILES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut files = vec![ANY.der().to_vec(), (ANY.pem_certificate() + ANY.pem_key()).into_bytes()];
    for (_, file) in makers::FILES {
        let mut bare = Pfx::from_der(file).unwrap();
        bare.mac_data = None;
        files.extend([bare.to_der().unwrap(), file.to_vec()]);
    }
    files
});

#[test]
fn the_files_that_are_damaged_here_are_good_before() {
    for file in FILES.iter() {
        assert!(read(file, Some(PLAIN)).is_ok());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_are_read_or_refused(
        file in 0..2 + 2 * makers::FILES.len(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
    ) {
        let mut bytes = FILES[file].clone();
        for (place, byte) in damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(info) = read(&bytes, Some(PLAIN)) {
            let findings = check(&info, Timestamp::UNIX_EPOCH, &["localhost".to_owned()]);
            prop_assert!(findings.len() <= 3);
            prop_assert!(!info.subject.chars().any(char::is_control));
        }
    }

    #[test]
    fn any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..400), text in ".{0,200}") {
        prop_assert!(read(&bytes, None).is_err());
        let pem = format!("-----BEGIN {text}-----{text}-----END {text}-----");
        prop_assert!(read(pem.as_bytes(), None).is_err());
    }

    #[test]
    fn an_error_in_the_settings_never_shows_the_password(password in "[a-z]{12}", wrong in 0..4_usize) {
        let mut value = serde_json::json!({"path": "a.pfx", "password": password});
        match wrong {
            0 => value["password"] = serde_json::json!([password]),
            1 => value["password_variable"] = "A".into(),
            2 => value["path"] = "a".into(),
            _ => value["unknown"] = 1.into(),
        }
        let error = Settings::parse(&value).unwrap_err();
        let shown = format!("{error} {error:?}");
        prop_assert!(!shown.contains(&password));
    }
}
