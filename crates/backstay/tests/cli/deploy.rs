//! `backstay deploy` where no engine answers.

use crate::harness::Place;

const STACK: &[(&str, &str)] = &[("compose.yaml", "services: {web: {image: x}}\n")];

#[test]
fn an_engine_that_does_not_answer_is_an_error_of_its_own_and_changes_nothing() {
    let place = Place::with(STACK);
    for line in ["deploy", "deploy --dry-run", "status"] {
        let said = place.run(line);
        assert_eq!(said.code, 4, "{line}: {}{}", said.stdout, said.stderr);
        assert!(said.stderr.starts_with("error: "), "{}", said.stderr);
        assert!(said.stderr.contains("\n\nhint: "), "{}", said.stderr);
    }
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1);
}

#[test]
fn with_json_stdout_has_nothing_but_json() {
    let said = Place::with(STACK).run("deploy --json");
    for line in said.stdout.lines().chain(said.stderr.lines()) {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(value["type"].is_string(), "{line}");
    }
    let error: serde_json::Value = serde_json::from_str(&said.stderr).unwrap();
    assert_eq!(error["code"], 4);
}

#[test]
fn quiet_prints_errors_only() {
    let said = Place::with(STACK).run("deploy --quiet");
    assert_eq!((said.code, said.stdout.as_str()), (4, ""));
    assert!(!said.stderr.is_empty());
}
