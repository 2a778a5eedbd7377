//! `backstay backups`

use crate::harness::Place;

const STACK: &[(&str, &str)] = &[
    ("compose.yaml", "services: {web: {image: x}}\n"),
    (".backup/20240129_143052/docker-compose.yml", ""),
    (".backup/20240129_143052/containers.json", "[]"),
    (".backup/update_20240128_101533/release.json", "torn"),
    (".backup/20240128_164521/release.json", "{\"version\": 99}"),
];

#[test]
fn the_list_is_the_guides() {
    let place = Place::with(STACK);
    let said = place.run("backups --lang zh-CN");
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(said.stdout, @r#"
可用的备份：

  [1] 2024-01-29 14:30:52 - 20240129_143052  由旧脚本创建
  [2] 2024-01-28 16:45:21 - 20240128_164521  已损坏: `FOLDER/.backup/20240128_164521/release.json` has format version 99; this program reads up to 1
  [3] 2024-01-28 10:15:33 - update_20240128_101533  已损坏: `FOLDER/.backup/update_20240128_101533/release.json` is damaged: expected ident at line 1 column 2
"#);
}

#[test]
fn the_list_as_json() {
    let place = Place::with(STACK);
    let value: serde_json::Value =
        serde_json::from_str(&place.run("backups list --json").stdout).unwrap();
    assert_eq!(value["current"], serde_json::Value::Null);
    assert_eq!(value["backups"][0]["folder"], "20240129_143052");
    assert_eq!(value["backups"][0]["number"], 1);
    assert_eq!(value["backups"].as_array().unwrap().len(), 3);
}

#[test]
fn without_an_engine_nobody_knows_which_list_is_meant() {
    let said = Place::with(&STACK[..1]).run("backups");
    assert_eq!((said.code, said.stdout.as_str()), (4, ""));
}

#[test]
fn an_empty_list_says_so() {
    let place = Place::with(&STACK[..1]);
    std::fs::create_dir(place.path().join(".backup")).unwrap();
    assert_eq!(place.run("backups").stdout, "No backups yet.\n");
}

#[test]
fn a_backup_that_is_not_there_or_damaged_has_a_code_of_its_own() {
    let place = Place::with(STACK);
    for line in ["show 20200101_000000", "show 2", "show ../elsewhere", "remove 9 --yes"] {
        let said = place.run(&format!("backups {line}"));
        assert_eq!(said.code, 7, "{line}: {}", said.stderr);
        assert!(said.stderr.contains("hint: `backstay backups`") || line == "show 2");
    }
}

#[test]
fn removing_asks_first() {
    let place = Place::with(STACK);
    assert_eq!(place.run("backups remove 1").code, 2);
    let said = place.run("backups remove 1 --yes");
    assert_eq!((said.code, said.stdout.as_str()), (0, "Removed 20240129_143052\n"));
    assert!(!place.path().join(".backup/20240129_143052").exists());
}

#[test]
fn pruning_keeps_what_it_does_not_understand() {
    let said = Place::with(STACK).run("backups prune --keep-last 1 --dry-run");
    assert_eq!((said.code, said.stdout.as_str()), (0, "Nothing to remove.\n"), "{}", said.stderr);
}
