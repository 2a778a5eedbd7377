//! The old guide's own function and commands, and those of the documentation, word for word beside what Backstay saves.

use std::fs;
use std::process::{Command, Output};

use super::image::Server;
use super::shop::Shop;

/// The function of the guide's advanced section.
const FUNCTION: &str = r#"
backup_database() {
    echo -e "${GRAY}  备份数据库...${NC}"
    
    local mysql_password=$(get_env_value "MYSQL_ROOT_PASSWORD")
    local backup_file="$BACKUP_PATH/mysql_backup.sql"
    
    docker exec mysql mysqldump -u root -p"$mysql_password" --all-databases > "$backup_file"
    
    echo -e "${GREEN}  ✓ 数据库备份完成${NC}"
}
"#;

/// The command of its good practice.
const COMMAND: &str = "docker exec mysql mysqldump -u root -p --all-databases > backup.sql";

/// What the guide's scripts have beside their function.
const SCRIPT: &str = "GRAY= GREEN= NC=\nget_env_value() { sed -n \"s/^$1=//p\" .env; }\n";

/// The commands of a page that begin like this.
fn commands<'a>(page: &'a str, begin: &'a str) -> impl Iterator<Item = &'a str> {
    page.lines().map(str::trim).filter(move |line| line.starts_with(begin))
}

fn compose(shop: &Shop, data: &str) {
    let project = &shop.stack.project;
    let text = format!(
        "name: {project}
services:
  mysql:
    image: {project}-base:1
    container_name: mysql
    environment:
      VERSION: \"${{VERSION}}\"
      MARIADB_ROOT_PASSWORD: \"${{MYSQL_ROOT_PASSWORD}}\"
      MYSQL_ROOT_PASSWORD: \"${{MYSQL_ROOT_PASSWORD}}\"
    restart: unless-stopped
    volumes: [\"rows:/data\"]
    healthcheck:
      test: [CMD-SHELL, \"MYSQL_PWD=$$MYSQL_ROOT_PASSWORD mariadb --no-defaults -h 127.0.0.1 -u root -e 'select 1'\"]
      interval: 500ms
      timeout: 10s
      retries: 60
    stop_grace_period: 10s
    deploy: {{update_config: {{monitor: 1s}}}}
    x-backstay: {{data: {data}}}
volumes: {{rows: }}
"
    );
    shop.stack.write("docker-compose.yml", &text);
}

fn bash(shop: &Shop, script: &str) -> Output {
    let mut command = Command::new("bash");
    command.args(["-c", script]).current_dir(shop.stack.path()).stdin(std::process::Stdio::null());
    command.output().unwrap()
}

#[track_caller]
fn runs(shop: &Shop, script: &str) {
    let output = bash(shop, script);
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
}

fn sql(shop: &Shop, text: &str) -> Vec<String> {
    let script = format!(
        "MYSQL_PWD=\"$MYSQL_ROOT_PASSWORD\" mariadb --no-defaults -u root --batch --skip-column-names -e \"{text}\""
    );
    shop.stack.lines(&["exec", "mysql", "sh", "-c", &script])
}

/// A whole dump with the row in it.
#[track_caller]
fn is_whole(text: &str, row: &str) {
    assert!(text.contains(row), "no `{row}`");
    assert!(text.trim_end().lines().last().unwrap().starts_with("-- Dump completed"));
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn the_guides_function_and_commands_work_beside_it() {
    let Some(shop) = Shop::new("srv-guide", Server::Mariadb, "null", "") else { return };
    if !shop.stack.lines(&["ps", "-aq", "--filter", "name=^/mysql$"]).is_empty() {
        eprintln!("not run: there is a container `mysql` that is somebody else's");
        return;
    }
    let env = |version: u32| format!("MYSQL_ROOT_PASSWORD=gu1de-pass\nVERSION={version}\n");
    compose(&shop, "null");
    shop.stack.write(".env", &env(1));
    shop.deploy().ends(0);
    sql(
        &shop,
        "create database shop; create table shop.list (note text); insert into shop.list values ('first row')",
    );
    shop.stack.write(".env", &env(2));
    shop.deploy().ends(0);

    // The function writes into the backup that was just made, which goes on to be one.
    let newest = shop.backups().remove(0);
    let path = format!(".backup/{newest}");
    runs(&shop, &format!("set -e\n{SCRIPT}{FUNCTION}BACKUP_PATH={path}\nbackup_database\n"));
    is_whole(&shop.stack.read(&format!("{path}/mysql_backup.sql")), "first row");
    shop.stack.backstay(&["backups", "verify"]).ends(0);
    shop.stack.backstay(&["rollback", "--yes", &newest]).ends(0);
    is_whole(&shop.stack.read(&format!("{path}/mysql_backup.sql")), "first row");

    // The commands of both guides' good practice.
    let pages = [
        include_str!("../../../../../docs/guide.md"),
        include_str!("../../../../../docs/guide.zh-CN.md"),
    ];
    for page in pages {
        let mut found = commands(page, "docker exec mysql sh -c");
        let command = found.next().expect("a command that dumps");
        runs(&shop, &format!("set -e\n{command}"));
        is_whole(&shop.stack.read("backup.sql"), "first row");
        fs::remove_file(shop.stack.path().join("backup.sql")).unwrap();
    }

    // Where it is declared, the file is where the function writes it, and comes back by the command of the documentation.
    compose(&shop, "{dump: mysql}");
    shop.stack.write(".env", &env(3));
    shop.deploy().ends(0).says("mysql_backup.sql");
    let saved = format!(".backup/{}/mysql_backup.sql", shop.backups().remove(0));
    is_whole(&shop.stack.read(&saved), "first row");
    sql(&shop, "drop table shop.list");
    let page = include_str!("../../../../../docs/data.md");
    let mut found = commands(page, "docker exec -i mysql sh -c");
    let command = found.next().expect("a command that brings it back");
    let said = command.rsplit("< ").next().unwrap();
    runs(&shop, &format!("set -e\n{}", command.replace(said, &saved)));
    assert_eq!(sql(&shop, "select note from shop.list"), ["first row"]);

    // The old command asks for a password, and nobody is there who could type it; without one it works.
    assert!(!bash(&shop, COMMAND).status.success());
    sql(&shop, "alter user root@localhost identified by ''");
    runs(&shop, COMMAND);
    is_whole(&shop.stack.read("backup.sql"), "first row");
}
