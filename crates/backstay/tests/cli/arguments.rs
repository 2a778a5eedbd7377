//! What is wrong with a command line, and which stack it means.

use crate::harness::Place;

#[test]
fn an_unknown_command_is_a_usage_error_with_a_suggestion() {
    let said = Place::new().run("deplyo");
    assert_eq!((said.code, said.stdout.as_str()), (2, ""));
    insta::assert_snapshot!(said.stderr, @r#"
error: there is no command `deplyo`

hint: did you mean `deploy`?
hint: `backstay --help` lists the commands and flags
"#);
}

#[test]
fn a_bad_value_in_chinese() {
    let said = Place::new().run("deploy --monitor soon --lang zh-CN");
    assert_eq!(said.code, 2);
    insta::assert_snapshot!(said.stderr, @r#"
错误: `soon` 不是 `--monitor <DURATION>` 的有效值

提示: 时长写作 `90s`、`1m30s` 或 `1h`；单独的数字表示秒
提示: 使用 `backstay --help` 查看命令和选项
"#);
}

#[test]
fn flags_that_contradict_each_other_are_refused() {
    let said = Place::new().run("deploy --no-build --no-cache");
    assert_eq!(said.code, 2);
    assert!(said.stderr.starts_with("error: `--no-build` can't be used with `--no-cache`"));
}

#[test]
fn no_command_shows_the_help_and_is_a_usage_error() {
    let said = Place::new().run("");
    assert_eq!((said.code, said.stdout.as_str()), (2, ""));
    assert!(said.stderr.contains("\nUsage: backstay [OPTIONS] <COMMAND>\n"), "{}", said.stderr);
    let said = Place::new().run("--json");
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("a command is needed"), "{}", said.stderr);
}

#[test]
fn errors_are_json_where_json_is_asked_for() {
    let said = Place::new().run("deploy --json --nonsense");
    let value: serde_json::Value = serde_json::from_str(&said.stderr).unwrap();
    assert_eq!((said.code, said.stdout.as_str()), (2, ""));
    assert_eq!(value["type"], "error");
    assert_eq!(value["code"], 2);
    assert_eq!(value["v"], 1);
}

#[test]
fn a_folder_without_a_stack_says_what_to_do() {
    // A temporary folder has no compose file above it.
    let said = Place::new().run("deploy");
    assert_eq!(said.code, 3);
    insta::assert_snapshot!(said.stderr, @r#"
error: no compose file in `FOLDER` or above it

hint: go to the stack's directory, or name its file with `-f`
"#);
}

#[test]
fn stdin_and_remote_files_are_refused() {
    let place = Place::new();
    let said = place.run("deploy -f -");
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("stdin can't be read again"), "{}", said.stderr);
    assert_eq!(place.run("deploy -f oci://registry/stack").code, 2);
    assert_eq!(place.run("deploy -f missing.yml").code, 3);
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
}
