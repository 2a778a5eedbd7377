//! Making certificates.

use backstay_cert::{Encryption, Error, KeyState, MAX_DAYS, Request, create, read};
use jiff::{Timestamp, ToSpan};

use crate::made::{ANY, BOTH, PFX, PLAIN};

fn now() -> Timestamp {
    "2024-01-29T15:30:22Z".parse().unwrap()
}

fn problem(request: &Request) -> String {
    create(request, now()).unwrap_err().to_string()
}

#[test]
fn it_says_what_was_asked_for() {
    let names =
        ["shop.example.com", "*.shop.test", "My_API", "10.0.0.1", "fe80::1", "SHOP.example.com"];
    let request = Request {
        names: names.map(str::to_owned).to_vec(),
        common_name: None,
        valid_days: 90,
        organization: Some("Ünlü, 商店 / Co.".to_owned()),
    };
    let made = create(&request, now()).unwrap();
    let info = read(made.pem_certificate().as_bytes(), None).unwrap();
    assert_eq!(info.names, ["shop.example.com", "*.shop.test", "my_api", "10.0.0.1", "fe80::1"]);
    assert_eq!(info.subject, "CN=shop.example.com,O=Ünlü\\, 商店 / Co.");
    assert_eq!(info.issuer, info.subject);
    assert!(info.self_signed && !info.has_key());
    assert_eq!(info.not_after, now() + (90 * 24).hours());
    assert_eq!(info.not_before, now() - 1.hour());
    assert_eq!(made.common_name(), "shop.example.com");
    assert_eq!(read(made.der(), None).unwrap().fingerprint_sha256, info.fingerprint_sha256);
}

#[test]
fn an_end_after_2049_is_written_in_the_longer_form_of_time() {
    let now = "2045-01-01T00:00:00Z".parse().unwrap();
    let request = Request { valid_days: MAX_DAYS, ..Request::default() };
    let info = read(create(&request, now).unwrap().der(), None).unwrap();
    assert_eq!(info.not_after, now + (i64::from(MAX_DAYS) * 24).hours());
}

#[test]
fn every_certificate_has_its_own_key_and_number() {
    let [one, two] = [(); 2].map(|()| create(&Request::default(), now()).unwrap());
    assert_ne!(one.pem_key(), two.pem_key());
    assert_ne!(one.der(), two.der());
    let mixed = one.pem_certificate() + two.pem_key();
    assert_eq!(read(mixed.as_bytes(), None).unwrap().key, KeyState::Mismatch);
}

#[test]
fn what_can_not_be_made_is_said_with_what_to_do() {
    let default = Request::default;
    let names = |names: &[&str]| Request {
        names: names.iter().map(|&n| n.to_owned()).collect(),
        ..default()
    };
    assert!(problem(&names(&[])).contains("give at least one DNS name"));
    assert!(problem(&names(&["https://shop"])).contains("without scheme"));
    let many: Vec<_> = (0..101).map(|n| format!("a{n}")).collect();
    assert!(problem(&Request { names: many, ..default() }).contains("at most 100"));
    assert!(problem(&Request { valid_days: 0, ..default() }).contains("give 1 to 3650"));
    assert!(problem(&Request { valid_days: MAX_DAYS + 1, ..default() }).contains("3651 days"));
    let text = |text: &str| Request { common_name: Some(text.to_owned()), ..default() };
    assert!(problem(&text(&"a".repeat(65))).contains("`common_name`"));
    assert!(problem(&text(" ")).contains("it is empty"));
    assert!(problem(&text("a\nb")).contains("control characters"));
    let early = create(&default(), Timestamp::UNIX_EPOCH).unwrap_err();
    assert!(early.to_string().contains("set the clock right"), "{early}");
}

#[test]
fn a_password_or_name_that_a_pfx_can_not_have_is_an_error() {
    for bad in ["with 🔑", "line\nbreak"] {
        let error = ANY.to_pfx(bad, Encryption::Modern, "shop").unwrap_err();
        assert!(matches!(error, Error::Password { .. }));
        assert!(!error.to_string().contains(bad));
    }
    for bad in ["", "a\u{7}", "🔑", &"a".repeat(129)] {
        assert!(ANY.to_pfx(PLAIN, Encryption::Modern, bad).is_err(), "{bad}");
    }
}

#[test]
fn both_encryptions_are_read_back() {
    for (bytes, encryption) in PFX.iter().zip(BOTH) {
        let info = read(bytes, Some(PLAIN)).unwrap();
        assert_eq!(info.key, KeyState::Matches, "{encryption:?}");
        assert_eq!(info.fingerprint_sha256, read(ANY.der(), None).unwrap().fingerprint_sha256);
        assert_eq!(read(bytes, Some("correct horse 8")), Err(Error::WrongPassword));
        assert_eq!(read(bytes, None), Err(Error::PasswordNeeded));
    }
}

#[test]
fn nothing_secret_is_shown_for_debugging() {
    let text = format!("{:?}", *ANY);
    assert_eq!(text, "Certificate { name: \"localhost\", .. }");
}
