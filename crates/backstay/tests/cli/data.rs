//! `data`: what is saved of a stack's data, and the way back.

use std::time::Duration;

use backstay_cli::i18n::Language;
use backstay_core::event::{Event, Note, Outcome, Phase, RunKind};
use backstay_core::plan::{Step, Undo};

use crate::harness::{Place, done, note, phase, started, step, told, verified};

const STACK: &[(&str, &str)] = &[(
    "docker-compose.yml",
    "name: shop\nservices: {db: {image: 'mysql:8', x-backstay: {data: {dump: mysql}}}}\n",
)];

fn saved() -> Vec<Event> {
    let folder = "20240129_150000".to_owned();
    let data = vec!["db".to_owned()];
    vec![
        started(RunKind::DataSave, Some("r2")),
        phase(1, 2, Phase::Backup),
        step(0, Step::Backup, Undo::Backup { folder: folder.clone() }),
        note(Note::BackupMade { folder }),
        done(0),
        step(
            1,
            Step::SaveData { data },
            Undo::SaveData { stopped: Vec::new(), paused: Vec::new() },
        ),
        note(Note::DataSaved {
            data: "db".into(),
            file: "db_backup.sql".into(),
            size: 12_900_000,
            took: Duration::from_millis(1400),
        }),
        done(1),
        phase(2, 2, Phase::Verify),
        verified(&[("db", "a"), ("web", "b")]),
        Event::Committed { release: "r2".into() },
        Event::Finished { outcome: Outcome::Deployed },
    ]
}

#[test]
fn saving_data_in_english() {
    insta::assert_snapshot!(told(Language::English, &saved()), @r#"
[1/2] Creating a backup...
  ✓ Backed up to .backup/20240129_150000
  ✓ Data of db saved: db_backup.sql (12.9 MB, 1.4 s)
[2/2] Verifying...
  ✓ Verified: all 2 services are as they should be (… s)

========================================
  Data saved!
========================================
"#);
}

#[test]
fn saving_data_in_chinese() {
    insta::assert_snapshot!(told(Language::Chinese, &saved()), @r#"
[1/2] 创建备份...
  ✓ 已备份到 .backup/20240129_150000
  ✓ 已保存 db 的数据：db_backup.sql（12.9 MB，1.4 秒）
[2/2] 验证...
  ✓ 已验证: 2 个服务均符合预期 (用时 … 秒)

========================================
  数据保存成功！
========================================
"#);
}

#[test]
fn bringing_data_back_asks_first() {
    let said = Place::with(STACK).run("data restore");
    assert_eq!((said.code, said.stdout.as_str()), (2, ""), "{}", said.stderr);
    assert!(said.stderr.contains("--yes"), "{}", said.stderr);
}

#[test]
fn there_is_nothing_yet() {
    let place = Place::with(STACK);
    let said = place.run("-p shop data list");
    assert_eq!(said.code, 4, "{}", said.stderr);
    assert_eq!(place.run("data save").code, 4);
    assert_eq!(place.run("data restore --yes").code, 4);
    // Nothing was made for it.
    assert!(!place.path().join(".backup").exists());
}
