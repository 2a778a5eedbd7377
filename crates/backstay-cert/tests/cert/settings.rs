//! What stands under `x-backstay.certificate`.

use backstay_cert::{DEFAULT_DAYS, Encryption, Error, PasswordSource, Settings, read};
use serde_json::{Value, json};

use crate::made::{ANY, PLAIN};

fn with(key: &str, value: Value) -> Result<Settings, Error> {
    let mut settings = json!({"path": "./cert/shop.pfx"});
    settings[key] = value;
    Settings::parse(&settings)
}

fn variable(name: &str) -> PasswordSource {
    PasswordSource::Variable(name.to_owned())
}

#[test]
fn the_path_is_all_that_is_needed() {
    let settings = Settings::parse(&json!({"path": "./cert/shop.pfx"})).unwrap();
    assert_eq!(settings.request, backstay_cert::Request::default());
    assert_eq!(settings.request.valid_days, DEFAULT_DAYS);
    assert_eq!(settings.password, variable("CERT_PASSWORD"));
    assert_eq!(settings.encryption(), Encryption::Modern);
    assert_eq!(settings.paths(), ["./cert/shop.pfx", "./cert/shop.crt", "./cert/shop.key"]);
}

#[test]
fn every_key_is_read_also_where_a_variable_made_it_a_text() {
    let all = Settings::parse(&json!({
        "path": "cert/Shop.P12", "password_variable": "PFX_PASS", "names": ["shop.test", "10.0.0.1"],
        "common_name": "shop", "organization": "Shop Ltd", "valid_days": 90, "legacy": true, "pem": false,
    }));
    let texts = Settings::parse(&json!({
        "path": "cert/Shop.P12", "password_variable": "PFX_PASS", "names": "shop.test, 10.0.0.1",
        "common_name": "shop", "organization": "Shop Ltd", "valid_days": "90", "legacy": "true", "pem": "false",
    }));
    let all = all.unwrap();
    assert_eq!(all, texts.unwrap());
    assert_eq!(all.request.names, ["shop.test", "10.0.0.1"]);
    assert_eq!((all.request.valid_days, all.encryption()), (90, Encryption::Legacy));
    assert_eq!(all.paths(), ["cert/Shop.P12"]);
}

#[test]
fn a_password_is_a_variable_or_what_compose_made_of_it() {
    let parsed = |text: &str| with("password", text.into()).unwrap().password;
    assert_eq!(parsed("${CERT}"), variable("CERT"));
    assert_eq!(parsed("${CERT:?set it}"), variable("CERT"));
    let given = |text: &str| PasswordSource::Given(text.to_owned().into());
    for text in ["secret", "${CERT:-secret}", "${}", "$CERT", "${1}"] {
        assert_eq!(parsed(text), given(text));
    }
    assert_eq!(format!("{:?}", given("secret")), "Given(hidden)");
    assert_eq!(*given("secret").resolve(|_| None).unwrap(), "secret");
    assert_eq!(*variable("A").resolve(|name| Some(format!("of {name}"))).unwrap(), "of A");
    let error = |value: Option<&str>| {
        variable("A").resolve(|_| value.map(str::to_owned)).unwrap_err().to_string()
    };
    assert!(error(None).contains("`A`, which is not set; set it in `.env`"));
    assert!(error(Some("")).contains("which is empty"));
    assert!(error(Some("🔑")).contains("choose another"));
}

#[test]
fn an_error_names_the_key_and_says_what_it_should_be() {
    let cases = [
        (
            "pasword",
            json!("x"),
            "`x-backstay.certificate.pasword` is not known; the keys are path, password,",
        ),
        ("path", json!(null), "`x-backstay.certificate.path` is missing"),
        ("path", json!("./cert/shop.pem"), "must end in `.pfx` or `.p12`"),
        ("path", json!("./cert/.pfx"), "must end in `.pfx` or `.p12`"),
        (
            "password",
            json!(1234),
            "`x-backstay.certificate.password` must be text; put it in quotes",
        ),
        ("password", json!(""), "is empty"),
        ("password_variable", json!("$A"), "must be the name of a variable, without `$`"),
        ("names", json!([]), "`x-backstay.certificate.names` is not valid: there is none"),
        (
            "names",
            json!(["a b"]),
            "`x-backstay.certificate.names` has `a b`, which is not valid: only letters",
        ),
        ("names", json!([1]), "must be a list"),
        (
            "valid_days",
            json!(0),
            "`x-backstay.certificate.valid_days` is not valid: 0 days; give 1 to 3650",
        ),
        ("valid_days", json!(-1), "must be a whole number of days"),
        ("valid_days", json!("soon"), "must be a whole number of days"),
        ("legacy", json!("yes"), "`x-backstay.certificate.legacy` must be `true` or `false`"),
        ("organization", json!("a".repeat(65)), "longer than 64"),
    ];
    for (key, value, expected) in cases {
        let text = with(key, value).unwrap_err().to_string();
        assert!(text.contains(expected), "{text}");
    }
    assert!(
        Settings::parse(&json!("./a.pfx")).unwrap_err().to_string().contains("must be a mapping")
    );
}

#[test]
fn the_files_are_for_their_owner_only() {
    let settings = with("pem", json!(true)).unwrap();
    let files = settings.files(&ANY, PLAIN).unwrap();
    assert_eq!(files.iter().map(|file| &*file.path).collect::<Vec<_>>(), settings.paths());
    assert!(files.iter().all(|file| file.mode == 0o600));
    assert!(read(&files[0].contents, Some(PLAIN)).unwrap().has_key());
    assert!(read(&files[1].contents, None).is_ok());
    assert_eq!(&*files[2].contents, ANY.pem_key().as_bytes());
    assert!(!format!("{files:?}").contains("contents"));
}
