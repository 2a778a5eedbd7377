//! What failures look like: the guide's scenes 1 and 2, and worse.

use std::collections::BTreeMap;
use std::time::Duration;

use backstay_cli::i18n::Language;
use backstay_core::event::{
    Activity, Cause, Event, Failure, Note, Outcome, OutputSource, Phase, RunKind,
};
use backstay_core::plan::Step;
use backstay_core::plan::{SavedFile, Undo};

use crate::harness::{
    doing, done, failed, note, phase, prepared, started, step, told, undone, verified,
};

/// The guide's scene 1.
fn build_failure() -> Vec<Event> {
    let mut events = prepared(Some("r3"));
    let services = vec!["manager-api".to_owned()];
    let message = concat!(
        " > [manager-api 2/2] RUN make:\n0.2 make: *** no rule\n",
        "failed to solve: process \"/bin/sh -c make\" did not complete successfully: exit code: 2"
    );
    let tags = vec!["backstay/manager-api:20240129_143052".to_owned()];
    let line = "#9 [manager-api 2/2] RUN make".to_owned();
    events.push(phase(7, 8, Phase::Images));
    events.push(step(1, Step::Build { services }, Undo::BuildTags { tags }));
    events.push(Event::Output { from: OutputSource::Build, line });
    let message = message.to_owned();
    events.extend(failed(1, &Failure::new(Cause::Build { message })));
    events.extend(undone(&[1, 0]));
    events
}

/// The guide's scene 2, after one service has already been switched.
fn start_failure() -> Vec<Event> {
    let mut events = prepared(Some("r3"));
    events.push(phase(7, 8, Phase::Images));
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
    events.extend(undone(&[2, 1, 0]));
    events
}

fn stuck_rollback() -> Vec<Event> {
    let saved = SavedFile { name: "0".into(), mode: 0o644, digest: None };
    let saved = BTreeMap::from([("docker-compose.yml".to_owned(), Some(saved))]);
    let mut events = vec![
        started(RunKind::Rollback, Some("20240129_143052")),
        phase(1, 4, Phase::Backup),
        phase(2, 4, Phase::RestoreFiles),
        step(
            0,
            Step::Files,
            Undo::Files { written: Default::default(), saved, folders: Vec::new() },
        ),
        note(Note::FileRestored { path: "docker-compose.yml".into() }),
        done(0),
        phase(3, 4, Phase::CheckImages),
        note(Note::ImagesPresent),
        phase(4, 4, Phase::Services),
        step(1, Step::Replace { services: vec!["web".into()] }, Undo::Replace { swaps: vec![] }),
    ];
    let cause = Cause::Deadline { waited: Duration::from_secs(30) };
    events.extend(failed(1, &Failure::of("web", cause)));
    events.push(not_undone(1));
    events.push(note(Note::FileRestored { path: "docker-compose.yml".into() }));
    events.push(Event::UndoFinished { index: 0 });
    // What could not be undone is tried twice.
    events.push(unwinding());
    events.push(not_undone(1));
    events.push(Event::Finished { outcome: Outcome::Stuck });
    events
}

fn unwinding() -> Event {
    Event::UnwindStarted { failure: Failure::new(Cause::Crashed) }
}

fn not_undone(index: usize) -> Event {
    let error = "no such container".into();
    Event::UndoFailed { index, error, lost_count: false, remains: Vec::new() }
}

#[test]
fn a_build_that_fails_in_chinese() {
    insta::assert_snapshot!(told(Language::Chinese, &build_failure()), @r#"
[1/8] 检查 Docker 环境...
  ✓ Docker 26.1.5，Compose 2.26.1
[2/8] 创建备份...
  ✓ 已备份到 .backup/20240129_143052
[3/8] 配置环境变量...
[4/8] 配置 SSL 证书...
  未配置证书
[5/8] 创建数据目录...
[6/8] 制定计划...
[7/8] 构建 Docker 镜像...
  ✗ 镜像构建失败: manager-api build error: process "/bin/sh -c make" did not complete successfully: exit code: 2
    详细信息:
    │  > [manager-api 2/2] RUN make:
    │ 0.2 make: *** no rule
    │ failed to solve: process "/bin/sh -c make" did not complete successfully: exit code: 2

========================================
  部署失败，开始回滚...
  原因: 镜像构建失败
========================================

[回滚 1/3] 恢复配置文件...
  ✓ 已恢复 docker-compose.yml（本次运行未改动）
  ✓ 已恢复 .env（本次运行未改动）

[回滚 2/3] 清理失败的容器...
  ✓ 已清理失败的容器（未创建新容器）
  ✓ 镜像标签已还原
  已删除本次备份 .backup/20240129_143052：其内容与运行中的版本相同

[回滚 3/3] 尝试恢复旧服务...
  ✓ 已恢复旧服务（旧服务一直在运行）

========================================
  回滚完成
========================================
  ✓ 已验证: 之前运行的 2 个服务均照常运行
    manager-api  aaaaaaaaaaaa
    redis        cccccccccccc
"#);
}

#[test]
fn a_build_that_fails_in_english() {
    insta::assert_snapshot!(told(Language::English, &build_failure()), @r#"
[1/8] Checking the Docker environment...
  ✓ Docker 26.1.5, Compose 2.26.1
[2/8] Creating a backup...
  ✓ Backed up to .backup/20240129_143052
[3/8] Configuring environment variables...
[4/8] Configuring the TLS certificate...
  No certificate is configured
[5/8] Creating data directories...
[6/8] Making the plan...
[7/8] Building Docker images...
  ✗ Image build failed: manager-api build error: process "/bin/sh -c make" did not complete successfully: exit code: 2
    What was said:
    │  > [manager-api 2/2] RUN make:
    │ 0.2 make: *** no rule
    │ failed to solve: process "/bin/sh -c make" did not complete successfully: exit code: 2

========================================
  Deployment failed, rolling back...
  Reason: Image build failed
========================================

[Rollback 1/3] Restoring configuration files...
  ✓ Restored docker-compose.yml (this run had not changed it)
  ✓ Restored .env (this run had not changed it)

[Rollback 2/3] Cleaning up failed containers...
  ✓ Cleaned up the failed containers (none had been created)
  ✓ Image tags point to what they pointed to before
  Removed this run's backup .backup/20240129_143052: it would only say again what runs

[Rollback 3/3] Restoring the old services...
  ✓ Restored the old services (they ran all the time)

========================================
  Rollback finished
========================================
  ✓ Verified: all 2 services run as they did before
    manager-api  aaaaaaaaaaaa
    redis        cccccccccccc
"#);
}

#[test]
fn the_builders_words_name_the_service_where_nobody_else_does() {
    let message = " > [manager-api 2/2] COPY nope /x:\nfailed to solve: not found\n".to_owned();
    let failure = Failure::new(Cause::Build { message });
    let text = told(Language::English, &[Event::StepFailed { index: 0, failure }]);
    assert!(
        text.starts_with("  ✗ Image build failed: manager-api build error: not found\n"),
        "{text}"
    );
    let failure = Failure::new(Cause::Build { message: "no builder [1/2]\n".to_owned() });
    let text = told(Language::English, &[Event::StepFailed { index: 0, failure }]);
    assert!(text.starts_with("  ✗ Image build failed: no builder [1/2]\n"), "{text}");
}

#[test]
fn services_that_do_not_start_in_chinese() {
    insta::assert_snapshot!(told(Language::Chinese, &start_failure()), @r#"
[1/8] 检查 Docker 环境...
  ✓ Docker 26.1.5，Compose 2.26.1
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
  ✓ 已恢复 docker-compose.yml（本次运行未改动）
  ✓ 已恢复 .env（本次运行未改动）

[回滚 2/3] 清理失败的容器...
  ✓ 已清理失败的容器
  已删除本次备份 .backup/20240129_143052：其内容与运行中的版本相同

[回滚 3/3] 尝试恢复旧服务...
  ✓ 已恢复旧服务
  ✓ 已恢复 redis

========================================
  回滚完成
========================================
  ✓ 已验证: 之前运行的 2 个服务均照常运行
    manager-api  aaaaaaaaaaaa
    redis        cccccccccccc
"#);
}

#[test]
fn services_that_do_not_start_in_english() {
    insta::assert_snapshot!(told(Language::English, &start_failure()), @r#"
[1/8] Checking the Docker environment...
  ✓ Docker 26.1.5, Compose 2.26.1
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
  ✓ Restored docker-compose.yml (this run had not changed it)
  ✓ Restored .env (this run had not changed it)

[Rollback 2/3] Cleaning up failed containers...
  ✓ Cleaned up the failed containers
  Removed this run's backup .backup/20240129_143052: it would only say again what runs

[Rollback 3/3] Restoring the old services...
  ✓ Restored the old services
  ✓ Restored redis

========================================
  Rollback finished
========================================
  ✓ Verified: all 2 services run as they did before
    manager-api  aaaaaaaaaaaa
    redis        cccccccccccc
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
  ✓ Restored .env (this run had not changed it)

[Rollback 2/3] Cleaning up failed containers...
  ✓ Cleaned up the failed containers (none had been created)

[Rollback 3/3] Restoring the old services...
  ✗ Could not be undone: let the new containers take over: web: no such container

========================================
  Rollback not finished: a person is needed
========================================
"#);
}

#[test]
fn what_a_recovery_can_t_undo_is_named_once() {
    let events = [
        unwinding(),
        not_undone(1),
        Event::UndoFinished { index: 0 },
        unwinding(),
        not_undone(1),
        Event::Finished { outcome: Outcome::Stuck },
    ];
    insta::assert_snapshot!(told(Language::English, &events), @"
    Undoing the interrupted run...
    ✗ Could not be undone: step 2: no such container
    ");
}

#[test]
fn a_first_deployment_has_nothing_to_go_back_to() {
    let mut events = prepared(None);
    events.push(phase(8, 8, Phase::Services));
    events.push(Event::UnwindStarted { failure: Failure::new(Cause::Interrupted) });
    events.push(Event::Finished { outcome: Outcome::RolledBack });
    events.push(verified(&[]));
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
✓ Restored web
✓ The interrupted run 20240129_143052 has been undone
"#);
}

#[test]
fn that_all_is_as_before_is_said_only_when_it_was_read_back() {
    let mut events = build_failure();
    events.pop();
    let banner = "  Rollback finished\n";
    assert!(!told(Language::English, &events).contains(banner));
    let differences = vec!["shop-web-1 is gone".to_owned(), "shop-api-1 does not run".to_owned()];
    events.push(note(Note::NotAsBefore { differences }));
    let text = told(Language::English, &events);
    assert!(!text.contains(banner), "{text}");
    let (_, end) = text.split_once("(they ran all the time)\n").unwrap();
    insta::assert_snapshot!(end, @r#"
========================================
  Rollback not finished: a person is needed
========================================
  ✗ What runs is not what ran before:
    shop-web-1 is gone
    shop-api-1 does not run
"#);
}

#[test]
fn a_build_without_words_of_its_step_shows_the_last_output() {
    let mut events = prepared(Some("r3"));
    events.push(phase(7, 8, Phase::Images));
    events.push(step(1, Step::Build { services: vec!["web".into()] }, Undo::Nothing));
    for number in 0..30 {
        let line = format!("#{number} output");
        events.push(Event::Output { from: OutputSource::Build, line });
    }
    let message = "failed to solve: frontend is gone".to_owned();
    events.extend(failed(1, &Failure::of("web", Cause::Build { message })));
    let text = told(Language::English, &events);
    assert!(text.contains("✗ Image build failed: web build error: frontend is gone\n"), "{text}");
    assert!(text.contains("    Last lines of the output:\n    │ #10 output\n"), "{text}");
    assert!(text.contains("    │ #29 output\n\n"), "{text}");
}
