//! `backstay update` and `backstay rollback --updates` where no engine answers.

use crate::harness::Place;

const STACK: &[(&str, &str)] = &[
    ("compose.yaml", "services: {web: {build: .}}\n"),
    (".backup/update_20240129_153022/services.txt", "manager-api\nagent-api\n"),
    (".backup/update_20240129_141510/services.txt", "payment-api\r\n"),
    (".backup/20240129_120000/docker-compose.yml", ""),
];

#[test]
fn without_a_terminal_the_flag_is_named() {
    let place = Place::with(STACK);
    for line in ["update", "update --services web", "rollback --updates 1"] {
        let said = place.run(line);
        assert_eq!(said.code, 2, "{line}: {}", said.stderr);
        assert!(said.stderr.contains("`--yes`"), "{}", said.stderr);
    }
}

#[test]
fn every_spelling_of_the_services_gets_as_far_as_the_engine() {
    let place = Place::with(STACK);
    for line in [
        "update --yes",
        "update web api -y",
        "update --services web,api --force",
        "update --services=web --services api --force --no-build --no-backup",
        "update web --yes --wait-timeout 5 --no-rehearsal --monitor 1s",
        "update --dry-run",
    ] {
        let said = place.run(line);
        assert_eq!(said.code, 4, "{line}: {}", said.stderr);
    }
    assert_eq!(place.run("update --no-build --no-cache -y").code, 2);
}

#[test]
fn numbers_and_paths_are_those_of_the_updates() {
    let place = Place::with(STACK);
    // Both exist; what they are is found out when the engine answers.
    for name in ["1", "2", ".backup/update_20240129_141510", ".backup\\update_20240129_141510"] {
        let said = place.run(&format!("rollback --updates {name} --force"));
        assert_eq!(said.code, 4, "{name}: {}", said.stderr);
    }
}

#[test]
fn the_old_scripts_update_backups_are_in_the_list() {
    let said = Place::with(STACK).run("backups");
    insta::assert_snapshot!(said.stdout, @r#"
Available backups:

  [1] 2024-01-29 15:30:22 - update_20240129_153022  made by the old scripts
  [2] 2024-01-29 14:15:10 - update_20240129_141510  made by the old scripts
  [3] 2024-01-29 12:00:00 - 20240129_120000  made by the old scripts
"#);
}
