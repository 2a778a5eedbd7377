//! `doctor` and `init` say of well-known servers how their data could be saved.

use serde_json::json;

use crate::machine::Machine;

const SILENT: &str = "name: shop
services:
  db: {image: 'registry.example.com/library/postgres:16', volumes: [{type: volume, source: rows, target: /r}]}
  cache: {image: 'bitnami/valkey:8', volumes: [{type: volume, source: keys, target: /k}]}
  web: {image: nginx, volumes: [{type: volume, source: w, target: /w}]}
volumes: {rows: {}, keys: {}, w: {}}
";

const SAID: &str = "name: shop
services:
  db: {image: 'postgres:16', volumes: [{type: volume, source: rows, target: /r}], x-backstay: {data: {dump: postgres}}}
  cache: {image: 'bitnami/valkey:8', volumes: [{type: volume, source: keys, target: /k}]}
volumes: {rows: {}, keys: {x-backstay: {data: {copy: stop}}}}
";

#[test]
fn doctor_says_what_to_write_until_it_is_there() {
    let machine = Machine::new(SILENT, &json!({}), &[]);
    let found = machine.findings("", "data");
    let servers: Vec<_> = found
        .iter()
        .map(|found| {
            (found["facts"]["service"].as_str().unwrap(), found["level"].as_str().unwrap())
        })
        .collect();
    assert_eq!(servers, [("cache", "warning"), ("db", "warning")]);
    for (found, block) in found.iter().zip(["{dump: valkey}", "{dump: postgres}"]) {
        let hint = found["hints"][0].as_str().unwrap();
        assert!(hint.contains(&format!("x-backstay: {{data: {block}}}")), "{hint}");
    }
    let said = machine.run("--lang zh-CN doctor");
    assert!(said.stdout.contains("的数据不随版本保存"), "{}", said.stdout);
    machine.prints(SAID);
    assert!(machine.findings("", "data").is_empty());
}

#[test]
fn init_says_it_too_and_does_its_work() {
    let machine = Machine::new(SILENT, &json!({}), &[]);
    let said = machine.run("--lang en init --wrappers");
    assert_eq!(said.code, 0, "{}", said.stderr);
    let lines: Vec<&str> =
        said.stdout.lines().skip_while(|line| line.starts_with("Wrote")).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
! The data of service cache (valkey) is not saved with releases: a rollback leaves it as it is
    → To save it with each release, at service cache: x-backstay: {data: {dump: valkey}} — docs/data.md
! The data of service db (postgres) is not saved with releases: a rollback leaves it as it is
    → To save it with each release, at service db: x-backstay: {data: {dump: postgres}} — docs/data.md
"#);
    let said = machine.run("--lang zh-CN init --wrappers");
    assert!(said.stdout.contains("x-backstay: {data: {dump: postgres}}"), "{}", said.stdout);
    assert!(said.stdout.contains("的数据不随版本保存"), "{}", said.stdout);
    let said = machine.run("--json init --wrappers");
    let found: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(found["data"][1], json!({"service": "db", "preset": "postgres"}));
    machine.prints(SAID);
    let said = machine.run("--lang en init --wrappers");
    assert_eq!((said.code, said.stdout.as_str()), (0, "The scripts are there already.\n"));
    // What can't be read is no error of this command.
    machine.refuses("broken");
    let said = machine.run("--lang en init --wrappers");
    assert_eq!((said.code, said.stdout.as_str()), (0, "The scripts are there already.\n"));
}
