//! `backstay version`

use crate::harness::Place;

#[test]
fn the_version_is_one_line() {
    let place = Place::new();
    let expected = format!("backstay {}\n", env!("CARGO_PKG_VERSION"));
    for line in ["version", "--version", "-V"] {
        let said = place.run(line);
        assert_eq!((said.code, said.stdout, said.stderr), (0, expected.clone(), String::new()));
    }
}

#[test]
fn the_version_as_json() {
    let said = Place::new().run("version --json");
    assert_eq!(said.stdout, format!("{{\"version\":\"{}\"}}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
#[cfg(target_os = "linux")]
fn a_reader_that_is_gone_does_not_matter() {
    let place = Place::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let status = place.command("version").stdout(full).status().unwrap();
    assert_eq!(status.code(), Some(0));
}
