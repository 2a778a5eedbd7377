//! What a rollback looks like: the guide's scene 3.

use std::collections::BTreeMap;

use backstay_cli::i18n::Language;
use backstay_core::event::{Activity, Event, Note, Outcome, Phase, RunKind};
use backstay_core::plan::Step;
use backstay_core::plan::Undo;

use crate::harness::{doing, done, note, phase, started, step, told, verified};

fn rollback() -> Vec<Event> {
    let folder = "20240129_150000".to_owned();
    let restored = |path: &str| note(Note::FileRestored { path: path.into() });
    vec![
        started(RunKind::Rollback, Some("20240129_143052")),
        phase(1, 4, Phase::Backup),
        step(0, Step::Backup, Undo::Backup { folder: folder.clone() }),
        note(Note::BackupMade { folder }),
        done(0),
        phase(2, 4, Phase::RestoreFiles),
        step(
            1,
            Step::Files,
            Undo::Files {
                written: Default::default(),
                saved: BTreeMap::new(),
                folders: Vec::new(),
            },
        ),
        restored("docker-compose.yml"),
        restored(".env"),
        done(1),
        phase(3, 4, Phase::CheckImages),
        note(Note::ImagesPresent),
        phase(4, 4, Phase::Services),
        doing("web", Activity::Waiting { ready: 0, of: 1 }),
        doing("web", Activity::Ready),
        doing("web", Activity::Live),
        verified(&[("web", "a")]),
        Event::Committed { release: "r2".into() },
        Event::Finished { outcome: Outcome::Deployed },
    ]
}

#[test]
fn a_rollback_in_chinese() {
    insta::assert_snapshot!(told(Language::Chinese, &rollback()), @r#"
[1/4] 创建备份...
  ✓ 已备份到 .backup/20240129_150000

[2/4] 恢复配置文件...
  ✓ 已恢复 docker-compose.yml
  ✓ 已恢复 .env

[3/4] 检查镜像...
  ✓ 镜像已存在

[4/4] 启动服务...
  等待服务启动...
  ✓ web 启动成功
  ✓ 服务启动成功
  ✓ 已验证: 1 个服务均符合预期 (用时 … 秒)
    web  aaaaaaaaaaaa

========================================
  回滚成功！
========================================
"#);
}

#[test]
fn a_rollback_in_english() {
    insta::assert_snapshot!(told(Language::English, &rollback()), @r#"
[1/4] Creating a backup...
  ✓ Backed up to .backup/20240129_150000

[2/4] Restoring configuration files...
  ✓ Restored docker-compose.yml
  ✓ Restored .env

[3/4] Checking images...
  ✓ All images are present

[4/4] Starting services...
  Waiting for services to start...
  ✓ web is live
  ✓ Services started
  ✓ Verified: one service is as it should be (… s)
    web  aaaaaaaaaaaa

========================================
  Rollback complete!
========================================
"#);
}
