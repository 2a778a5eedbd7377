//! `backstay rollback` where there is nobody to ask.

use crate::harness::Place;

const STACK: &[(&str, &str)] = &[("compose.yaml", "services: {web: {image: x}}\n")];

#[test]
fn without_a_terminal_the_flag_is_named() {
    let place = Place::with(STACK);
    let said = place.run("rollback");
    assert_eq!(said.code, 2);
    insta::assert_snapshot!(said.stderr, @r#"error: there is no terminal to ask on: name a release, or say `--yes` for the last good one before this"#);
    let said = place.run("rollback 20240129_143052");
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("`--yes`"), "{}", said.stderr);
}

#[test]
fn force_is_another_name_for_yes() {
    let place = Place::with(STACK);
    // Both get as far as the engine.
    assert_eq!(place.run("rollback .backup/20240129_143052 --force").code, 4);
    assert_eq!(place.run("rollback .backup/20240129_143052 -y").code, 4);
}
