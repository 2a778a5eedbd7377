//! What failures look like: the guide's scenes 1 and 2, and worse.

use std::collections::BTreeMap;
use std::time::Duration;

use backstay_cli::i18n::Language;
use backstay_core::event::{
    Activity, Cause, Event, Failure, Note, Outcome, Phase, RunKind, SavedFile, Undo,
};
use backstay_core::plan::Step;

use crate::harness::{doing, done, failed, note, phase, prepared, started, step, told};

fn undone(indexes: &[usize], outcome: Outcome) -> impl Iterator<Item = Event> {
    let undone = indexes.iter().map(|index| Event::UndoFinished { index: *index });
    undone.collect::<Vec<_>>().into_iter().chain([Event::Finished { outcome }])
}

/// The guide's scene 1.
fn build_failure() -> Vec<Event> {
    let mut events = prepared(Some("20240128_101533"));
    let services = vec!["manager-api".to_owned()];
    let message = "failed to solve: process \"/bin/sh -c false\": exit code: 1".to_owned();
    let tags = vec!["backstay/manager-api:20240129_143052".to_owned()];
    events.push(step(1, Step::Build { services }, Undo::BuildTags { tags }));
    events.extend(failed(1, &Failure::of("manager-api", Cause::Build { message })));
    events.extend(undone(&[1, 0], Outcome::RolledBack));
    events
}

/// The guide's scene 2, after one service has already been switched.
fn start_failure() -> Vec<Event> {
    let mut events = prepared(Some("20240128_101533"));
    let services = || vec!["redis".to_owned(), "rabbitmq".to_owned()];
    let create =
        Undo::Create { project: "shop".into(), run: "20240129_143052".into(), networks: vec![] };
    let failure = Failure {
        container: Some("shop-redis-1".into()),
        logs: vec!["starting\r\n".into(), "\x1b[31mFATAL\x1b[0m no \x07config\n".into()],
        health: vec!["connection refused".into()],
        ..Failure::of("redis", Cause::Exited { code: 3, oom_killed: false })
    };
    events.extend([
        phase(8, 8, Phase::Services),
        step(1, Step::Create { services: services() }, create),
        done(1),
        step(2, Step::Replace { services: services() }, Undo::Replace { swaps: Vec::new() }),
        doing("redis", Activity::Waiting { ready: 0, of: 1 }),
        doing("redis", Activity::Failed),
        doing("rabbitmq", Activity::Failed),
    ]);
    events.extend(failed(2, &failure));
    events.push(doing("redis", Activity::Restored));
    events.extend(undone(&[2, 1, 0], Outcome::RolledBack));
    events
}

fn stuck_rollback() -> Vec<Event> {
    let saved = SavedFile { name: "0".into(), mode: 0o644 };
    let saved = BTreeMap::from([("docker-compose.yml".to_owned(), Some(saved))]);
    let mut events = vec![
        started(RunKind::Rollback, Some("20240129_143052")),
        phase(1, 4, Phase::Backup),
        phase(2, 4, Phase::RestoreFiles),
        step(0, Step::Files, Undo::Files { saved }),
        note(Note::FileRestored { path: "docker-compose.yml".into() }),
        done(0),
        phase(3, 4, Phase::CheckImages),
        note(Note::ImagesPresent),
        phase(4, 4, Phase::Services),
        step(1, Step::Replace { services: vec!["web".into()] }, Undo::Replace { swaps: vec![] }),
    ];
    let cause = Cause::Deadline { waited: Duration::from_secs(30) };
    events.extend(failed(1, &Failure::of("web", cause)));
    events.push(Event::UndoFailed { index: 1, error: "no such container".into() });
    events.push(note(Note::FileRestored { path: "docker-compose.yml".into() }));
    events.extend(undone(&[0], Outcome::Stuck));
    events
}

#[test]
fn a_build_that_fails_in_chinese() {
    insta::assert_snapshot!(told(Language::Chinese, &build_failure()), @r#"
[1/8] 检查 Docker 环境...
[2/8] 创建备份...
  ✓ 已备份到 .backup/20240129_143052
[3/8] 配置环境变量...
[4/8] 配置 SSL 证书...
  未配置证书
[5/8] 创建数据目录...
[6/8] 制定计划...
[7/8] 构建 Docker 镜像...
  ✗ 镜像构建失败: manager-api build error
    详细信息:
    │ failed to solve: process "/bin/sh -c false": exit code: 1

========================================
  部署失败，开始回滚...
  原因: 镜像构建失败
========================================

[回滚 1/3] 恢复配置文件...
  ✓ docker-compose.yml 保持原样（本次运行未改动）
  ✓ .env 保持原样（本次运行未改动）

[回滚 2/3] 清理失败的容器...
  ✓ 未创建新容器，无需清理
  ✓ 镜像标签已还原
  已删除本次备份 .backup/20240129_143052：其内容与运行中的版本相同

[回滚 3/3] 尝试恢复旧服务...
  ✓ 旧服务未受影响

========================================
  回滚完成
========================================
"#);
}

#[test]
fn a_build_that_fails_in_english() {
    insta::assert_snapshot!(told(Language::English, &build_failure()), @r#"
[1/8] Checking the Docker environment...
[2/8] Creating a backup...
  ✓ Backed up to .backup/20240129_143052
[3/8] Configuring environment variables...
[4/8] Configuring the TLS certificate...
  No certificate is configured
[5/8] Creating data directories...
[6/8] Making the plan...
[7/8] Building Docker images...
  ✗ Image build failed: manager-api build error
    What was said:
    │ failed to solve: process "/bin/sh -c false": exit code: 1

========================================
  Deployment failed, rolling back...
  Reason: Image build failed
========================================

[Rollback 1/3] Restoring configuration files...
  ✓ docker-compose.yml is as it was (this run did not change it)
  ✓ .env is as it was (this run did not change it)

[Rollback 2/3] Cleaning up failed containers...
  ✓ No container was created, so there is none to clean up
  ✓ Image tags point to what they pointed to before
  Removed this run's backup .backup/20240129_143052: it would only say again what runs

[Rollback 3/3] Restoring the old services...
  ✓ The old services were not touched

========================================
  Rollback finished
========================================
"#);
}

#[test]
fn the_builders_words_name_the_service_where_nobody_else_does() {
    let message = " > [manager-api 2/2] COPY nope /x:\nfailed to solve: not found\n".to_owned();
    let failure = Failure::new(Cause::Build { message });
    let text = told(Language::English, &[Event::StepFailed { index: 0, failure }]);
    assert!(text.starts_with("  ✗ Image build failed: manager-api build error\n"), "{text}");
    let failure = Failure::new(Cause::Build { message: "no builder [1/2]\n".to_owned() });
    let text = told(Language::English, &[Event::StepFailed { index: 0, failure }]);
    assert!(text.starts_with("  ✗ Image build failed: no builder [1/2]\n"), "{text}");
}

#[test]
fn services_that_do_not_start_in_chinese() {
    insta::assert_snapshot!(told(Language::Chinese, &start_failure()), @r#"
[1/8] 检查 Docker 环境...
[2/8] 创建备份...
  ✓ 已备份到 .backup/20240129_143052
[3/8] 配置环境变量...
[4/8] 配置 SSL 证书...
  未配置证书
[5/8] 创建数据目录...
[6/8] 制定计划...
[7/8] 构建 Docker 镜像...
[8/8] 启动服务...
  等待服务启动...
  ✗ 部分服务启动失败: redis, rabbitmq
    redis: 容器已退出，退出码 3
    shop-redis-1 最后的日志:
    │ starting
    │ FATAL no config
    shop-redis-1 健康检查的最后输出:
    │ connection refused

========================================
  部署失败，开始回滚...
  原因: 部分服务启动失败
========================================

[回滚 1/3] 恢复配置文件...
  ✓ docker-compose.yml 保持原样（本次运行未改动）
  ✓ .env 保持原样（本次运行未改动）

[回滚 2/3] 清理失败的容器...
  ✓ 已清理失败的容器
  已删除本次备份 .backup/20240129_143052：其内容与运行中的版本相同

[回滚 3/3] 尝试恢复旧服务...
  ✓ 已恢复旧服务
  ✓ 已恢复 redis

========================================
  回滚完成
========================================
"#);
}

#[test]
fn services_that_do_not_start_in_english() {
    insta::assert_snapshot!(told(Language::English, &start_failure()), @r#"
[1/8] Checking the Docker environment...
[2/8] Creating a backup...
  ✓ Backed up to .backup/20240129_143052
[3/8] Configuring environment variables...
[4/8] Configuring the TLS certificate...
  No certificate is configured
[5/8] Creating data directories...
[6/8] Making the plan...
[7/8] Building Docker images...
[8/8] Starting services...
  Waiting for services to start...
  ✗ Some services failed to start: redis, rabbitmq
    redis: the container ended with exit code 3
    Last lines of shop-redis-1:
    │ starting
    │ FATAL no config
    Last healthcheck output of shop-redis-1:
    │ connection refused

========================================
  Deployment failed, rolling back...
  Reason: Some services failed to start
========================================

[Rollback 1/3] Restoring configuration files...
  ✓ docker-compose.yml is as it was (this run did not change it)
  ✓ .env is as it was (this run did not change it)

[Rollback 2/3] Cleaning up failed containers...
  ✓ Cleaned up the failed containers
  Removed this run's backup .backup/20240129_143052: it would only say again what runs

[Rollback 3/3] Restoring the old services...
  ✓ Restored the old services
  ✓ redis is restored

========================================
  Rollback finished
========================================
"#);
}

#[test]
fn what_could_not_be_undone_is_named() {
    insta::assert_snapshot!(told(Language::English, &stuck_rollback()), @r#"
[1/4] Creating a backup...

[2/4] Restoring configuration files...
  ✓ Restored docker-compose.yml

[3/4] Checking images...
  ✓ All images are present

[4/4] Starting services...
  ✗ Some services failed to start: web
    web: not ready after 30 s

========================================
  Rollback failed, going back to what ran before...
  Reason: Some services failed to start
========================================

[Rollback 1/3] Restoring configuration files...
  ✓ Restored docker-compose.yml

[Rollback 2/3] Cleaning up failed containers...
  ✓ No container was created, so there is none to clean up

[Rollback 3/3] Restoring the old services...
  ✗ Could not be undone: let the new containers take over: web: no such container

========================================
  Rollback not finished: a person is needed
========================================
"#);
}

#[test]
fn a_first_deployment_has_nothing_to_go_back_to() {
    let mut events = prepared(None);
    events.push(phase(8, 8, Phase::Services));
    events.push(Event::UnwindStarted { failure: Failure::new(Cause::Interrupted) });
    events.extend(undone(&[], Outcome::RolledBack));
    let text = told(Language::English, &events);
    assert!(text.contains("There were no services before this run"), "{text}");
    assert!(text.contains("✗ Interrupted\n"), "{text}");
}

#[test]
fn a_run_of_another_process_is_undone_without_claims() {
    let events = [
        Event::UnwindStarted { failure: Failure::new(Cause::Crashed) },
        doing("web", Activity::Restored),
        Event::UndoFinished { index: 2 },
        Event::UndoFinished { index: 1 },
        Event::Finished { outcome: Outcome::RolledBack },
        note(Note::Recovered { run: "20240129_143052".into(), outcome: Outcome::RolledBack }),
    ];
    insta::assert_snapshot!(told(Language::English, &events), @r#"
Undoing the interrupted run...
✓ web is restored
✓ The interrupted run 20240129_143052 has been undone
"#);
}
