//! What hooks of a run look like.

use backstay_cli::i18n::Language;
use backstay_core::event::{Cause, Event, Failure, HookTrouble, Note, OutputSource, Phase};
use backstay_core::plan::{HookPlace, Step, Undo};
use backstay_core::stack::HookPoint;

use crate::harness::{done, failed, note, phase, prepared, step, told, undone};

fn hook(index: usize, name: &str) -> Event {
    let point = HookPoint::BeforeSwitch;
    let (service, name) = (Some("api".to_owned()), name.to_owned());
    let undo = Undo::Hook {
        name: name.clone(),
        point,
        project: "shop".into(),
        place: HookPlace::Beside { container: "0".into() },
        kept: format!("hook-{index}.json"),
        undoes: true,
    };
    step(index, Step::Hook { name, point, service }, undo)
}

fn migration() -> Vec<Event> {
    let say = |line: &str| Event::Output { from: OutputSource::RunHook, line: line.to_owned() };
    let mut events = prepared(Some("r3"));
    events.extend([
        phase(8, 8, Phase::Services),
        hook(1, "prepare"),
        say("prepare: 3 tables\x1b[2J"),
        done(1),
        hook(2, "migrate"),
        say("migrate: no such column"),
    ]);
    let trouble = HookTrouble::Exit { code: Some(3) };
    let failure = Failure {
        logs: vec!["no such column".into()],
        ..Failure::of("api", Cause::RunHook { hook: "migrate".into(), trouble })
    };
    events.extend(failed(2, &failure));
    events.push(note(Note::HookUndone { hook: "migrate".into() }));
    events.push(note(Note::HookStays { hook: "prepare".into() }));
    events.extend(undone(&[2, 1, 0]));
    events.push(note(Note::HookRuns { hook: "after_rollback".into() }));
    events.push(note(Note::HookFailed {
        hook: "after_rollback".into(),
        trouble: HookTrouble::Late { waited: std::time::Duration::from_secs(5) },
        lines: vec!["waiting".into()],
    }));
    events
}

#[test]
fn a_migration_that_fails() {
    insta::assert_snapshot!(told(Language::English, &migration()), @r#"
[1/8] Checking the Docker environment...
  ✓ Docker 26.1.5, Compose 2.26.1
[2/8] Creating a backup...
  ✓ Backed up to .backup/20240129_143052
[3/8] Configuring environment variables...
[4/8] Configuring the TLS certificate...
  No certificate is configured
[5/8] Creating data directories...
[6/8] Making the plan...
[8/8] Starting services...
  │ prepare: 3 tables
  ✓ Hook prepare has run
  │ migrate: no such column
  ✗ A hook failed: migrate
    migrate: it ended with exit code 3
    Last lines of migrate:
    │ no such column

========================================
  Deployment failed, rolling back...
  Reason: A hook failed
========================================

  ✓ Hook migrate taken back
  ! The hook prepare has run and can't be taken back: it has no `undo`
[Rollback 1/3] Restoring configuration files...
  ✓ Restored docker-compose.yml (this run had not changed it)
  ✓ Restored .env (this run had not changed it)

[Rollback 2/3] Cleaning up failed containers...
  ✓ Cleaned up the failed containers (none had been created)
  Removed this run's backup .backup/20240129_143052: it would only say again what runs

[Rollback 3/3] Restoring the old services...
  ✓ Restored the old services (they ran all the time)

========================================
  Rollback finished
========================================
  ✓ Verified: all 2 services run as they did before
    manager-api  aaaaaaaaaaaa
    redis        cccccccccccc
  Running hook after_rollback ...
  ! Hook after_rollback failed, which changes nothing: it was not done after 5 s, and was ended (`timeout`)
    │ waiting
"#);
}

#[test]
fn a_migration_that_fails_in_chinese() {
    insta::assert_snapshot!(told(Language::Chinese, &migration()), @r#"
[1/8] 检查 Docker 环境...
  ✓ Docker 26.1.5，Compose 2.26.1
[2/8] 创建备份...
  ✓ 已备份到 .backup/20240129_143052
[3/8] 配置环境变量...
[4/8] 配置 SSL 证书...
  未配置证书
[5/8] 创建数据目录...
[6/8] 制定计划...
[8/8] 启动服务...
  │ prepare: 3 tables
  ✓ 钩子 prepare 已运行
  │ migrate: no such column
  ✗ 钩子失败: migrate
    migrate: 以退出码 3 结束
    migrate 最后的日志:
    │ no such column

========================================
  部署失败，开始回滚...
  原因: 钩子失败
========================================

  ✓ 已撤销钩子 migrate
  ! 钩子 prepare 已运行且无法撤销：它没有 `undo`
[回滚 1/3] 恢复配置文件...
  ✓ 已恢复 docker-compose.yml（本次运行未改动）
  ✓ 已恢复 .env（本次运行未改动）

[回滚 2/3] 清理失败的容器...
  ✓ 已清理失败的容器（未创建新容器）
  已删除本次备份 .backup/20240129_143052：其内容与运行中的版本相同

[回滚 3/3] 尝试恢复旧服务...
  ✓ 已恢复旧服务（旧服务一直在运行）

========================================
  回滚完成
========================================
  ✓ 已验证: 之前运行的 2 个服务均照常运行
    manager-api  aaaaaaaaaaaa
    redis        cccccccccccc
  正在运行钩子 after_rollback ...
  ! 钩子 after_rollback 失败，不影响结果：5 秒后仍未完成，已终止（`timeout`）
    │ waiting
"#);
}
