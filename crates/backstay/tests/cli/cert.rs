//! `backstay cert` without an engine and without a terminal.

use crate::harness::Place;

const PATH: &str = "cert/shop.pfx";

#[test]
fn a_certificate_is_made_shown_and_checked() {
    let place = Place::new();
    let command = |line: &str| {
        let output = place.command(line).env("CERT_PASSWORD", "planted").output().unwrap();
        let text =
            String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        assert!(!text.contains("planted"), "{text}");
        (output.status.code().unwrap(), text)
    };
    let (code, text) = command(&format!("cert create --path {PATH} --name shop.test --days 90"));
    assert_eq!(code, 0, "{text}");
    for name in ["shop.pfx", "shop.crt", "shop.key"] {
        assert!(place.path().join("cert").join(name).is_file(), "{name}");
    }
    let (code, text) = command(&format!("cert show {PATH}"));
    assert!(code == 0 && text.contains("shop.test"), "{text}");
    assert_eq!(command("cert check cert/shop.crt").0, 0);
    let (code, text) = command(&format!("cert create --path {PATH}"));
    assert!(code == 8 && text.contains("--force"), "{text}");
    let (code, _) = command(&format!("cert create --path {PATH} --days 10 --force"));
    assert_eq!(code, 0);
    let (code, text) = command(&format!("cert check {PATH} --json"));
    assert!(code == 9 && text.contains("ends-soon"), "{text}");
}

#[test]
fn what_is_missing_is_named() {
    let place = Place::new();
    let said = place.run("cert create --path cert/shop.pfx --password-variable SHOP_PASS");
    assert!(said.code == 3 && said.stderr.contains("SHOP_PASS"), "{}", said.stderr);
    assert!(!place.path().join("cert").exists());
    let said = place.run("cert check cert/none.pfx");
    assert!(said.code == 9 && said.stderr.contains("cert/none.pfx"), "{}", said.stderr);
    assert_eq!(place.run("cert create").code, 3);
}
