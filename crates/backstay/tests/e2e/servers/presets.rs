//! What presets meet: tablespaces, clients that come back all the time, a dump that can't be loaded, a password that only the command
//! line of a server has.

use super::image::Server;
use super::shop::Shop;

/// A client that connects again as soon as it has been thrown out.
const POOL: &str = "while :; do PGPASSWORD=$POSTGRES_PASSWORD psql --no-psqlrc -h 127.0.0.1 -U postgres -c 'select pg_sleep(0.2)'; sleep 0.1; done >/dev/null 2>&1";

/// What a script in the server's container prints.
fn inside(shop: &Shop, script: &str) -> Vec<String> {
    shop.stack.lines(&["exec", &shop.stack.id("db"), "/bin/sh", "-c", script])
}

fn sql(shop: &Shop, text: &str) -> Vec<String> {
    let psql = "PGPASSWORD=$POSTGRES_PASSWORD psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 -h 127.0.0.1 -U postgres";
    inside(shop, &format!("{psql} <<'SQL'\n{text}\nSQL"))
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn postgresql_comes_back_whoever_is_in_the_way() {
    let Some(shop) = Shop::new("srv-way", Server::Postgres, "{dump: postgres}", "") else { return };
    shop.deploy().ends(0);
    let first = shop.answers("1").writes(3);
    inside(&shop, "mkdir /tmp/apart");
    sql(&shop, "create tablespace apart location '/tmp/apart';");
    sql(&shop, "create table far (n int) tablespace apart; insert into far values (7);");
    shop.stack.lines(&["exec", "-d", &shop.stack.id("db"), "/bin/sh", "-c", POOL]);
    shop.stack.backstay(&["data", "save"]).ends(0);
    let kept = shop.backups().remove(0);
    sql(&shop, "insert into far values (8); create database late;");
    shop.stack.backstay(&["data", "restore", "--yes", &kept]).ends(0);
    shop.answers("1").has(&first, true);
    assert_eq!(sql(&shop, "select n from far;"), ["7"]);
    let names = "select datname from pg_database where datallowconn order by 1;";
    assert_eq!(sql(&shop, names), ["postgres", "template1"]);

    // What can't be loaded costs nothing, though the dump of what is there now can't be loaded either.
    let strict = "create table strict (n int check (coalesce(current_setting('t.ok', true), '') = '1'));\nset t.ok = '1';\ninsert into strict values (1);";
    sql(&shop, strict);
    shop.stack.backstay(&["data", "save"]).ends(0);
    let more = shop.writes(2);
    let run = shop.stack.backstay(&["data", "restore", "--yes"]);
    assert!(run.code != Some(0), "{}", run.screen);
    run.says("strict");
    let numbers = more.keys().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    assert_eq!(sql(&shop, &format!("select count(*) from rows where n in ({numbers});")), ["2"]);
    assert_eq!(sql(&shop, "select n from strict;"), ["1"]);
    assert_eq!(sql(&shop, names), ["postgres", "template1"]);
}

/// The server with its password on its command line, and this in its environment.
fn compose(shop: &Shop, environment: &str) {
    let project = &shop.stack.project;
    let text = format!(
        "name: {project}
services:
  db:
    image: {project}-base:1
    entrypoint: [valkey-server]
    command: [--dir, /data, --appendonly, \"yes\", --databases, \"40\", --requirepass, \"${{SECRET}}\"]
    environment: {environment}
    restart: unless-stopped
    volumes: [\"rows:/data\"]
    stop_grace_period: 10s
    deploy: {{update_config: {{monitor: 1s}}}}
    x-backstay: {{data: {{dump: valkey}}}}
volumes: {{rows: }}
"
    );
    // Not the one that other tests look for on every command line.
    shop.stack.write("docker-compose.yml", &text).write(".env", "SECRET=a-word-of-its-own\n");
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn valkey_with_its_password_on_its_command_line_comes_back_and_stays() {
    let Some(shop) = Shop::new("srv-word", Server::Valkey, "null", "") else { return };
    compose(&shop, "{REDISCLI_AUTH: \"${SECRET}\"}");
    shop.deploy().ends(0);
    inside(&shop, "valkey-cli -e set one first; valkey-cli -e -n 35 set far 1");
    shop.stack.backstay(&["data", "save"]).ends(0);
    inside(&shop, "valkey-cli -e set one second; valkey-cli -e set late 1");
    shop.stack.backstay(&["data", "restore", "--yes"]).ends(0);
    // It is on the disk, too.
    let id = shop.stack.id("db");
    shop.stack.lines(&["kill", &id]);
    shop.stack.lines(&["start", &id]);
    let found = "i=0; until valkey-cli -e ping >/dev/null 2>&1 || [ $i -ge 100 ]; do i=$((i + 1)); sleep 0.2; done; valkey-cli -e mget one late; valkey-cli -e -n 35 get far";
    assert_eq!(inside(&shop, found), ["first", "", "1"]);

    // Where nobody says it, the way out is told.
    compose(&shop, "{}");
    shop.deploy().ends(0);
    let run = shop.stack.backstay(&["data", "save"]);
    assert!(run.code != Some(0), "{}", run.screen);
    run.says("REDISCLI_AUTH");
}
