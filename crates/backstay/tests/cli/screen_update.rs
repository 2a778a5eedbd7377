//! What updates look like, and their undoing: the guide's scenes 4 and 5.

use backstay_cli::i18n::Language;
use backstay_core::event::{Activity, Cause, Event, Failure, Note, Outcome, Phase, RunKind};
use backstay_core::plan::Undo;
use backstay_core::plan::{Action, Change, Method, Plan, Step};

use crate::harness::{
    change, doing, done, failed, new_image, note, phase, started, step, told, undone, verified,
};

fn names(services: &[&str]) -> Vec<String> {
    services.iter().map(|name| (*name).to_owned()).collect()
}

fn built(service: &str) -> Change {
    Change { method: Method::Beside, ..change(service, Action::BuildFirst) }
}

/// An update of these services up to its build.
fn begun(services: &[&str]) -> Vec<Event> {
    let folder = "update_20240129_153022".to_owned();
    let ready = Note::EngineReady { engine: "26.1.5".into(), compose: "2.26.1".into() };
    let changes = services.iter().map(|service| built(service));
    let plan = Plan {
        changes: [change("redis", Action::Keep)].into_iter().chain(changes).collect(),
        steps: vec![Step::Backup, Step::Build { services: names(services) }],
        ..Plan::default()
    };
    let tags = vec!["backstay-build/shop:20240129_153022-0".to_owned()];
    vec![
        phase(1, 4, Phase::Check),
        note(ready),
        started(RunKind::Update, Some("r3")),
        phase(2, 4, Phase::Backup),
        step(0, Step::Backup, Undo::Backup { folder: folder.clone() }),
        note(Note::BackupMade { folder }),
        done(0),
        phase(3, 4, Phase::Update),
        Event::Outlook { plan },
        step(1, Step::Build { services: names(services) }, Undo::BuildTags { tags }),
    ]
}

/// Windows' scene 4: the service starts and does not work.
fn start_failure() -> Vec<Event> {
    let manager = || names(&["manager-api"]);
    let mut events = begun(&["manager-api"]);
    let failure = Failure {
        container: Some("shop-manager-api-1".into()),
        logs: vec!["FATAL no config".into()],
        ..Failure::of("manager-api", Cause::Exited { code: 3, oom_killed: false })
    };
    events.extend([
        done(1),
        Event::Planned {
            plan: Plan {
                changes: vec![new_image("manager-api")],
                steps: vec![],
                ..Plan::default()
            },
        },
        step(2, Step::Rehearse { waves: vec![manager()] }, Undo::Nothing),
        doing("manager-api", Activity::Rehearsing),
        doing("manager-api", Activity::Waiting { ready: 0, of: 1 }),
        doing("manager-api", Activity::Failed),
    ]);
    events.extend(failed(2, &failure));
    events.extend(undone(&[2, 1, 0]));
    events
}

/// The scene 4 of Linux: of two services one is not built.
fn build_failure(service: &str) -> Vec<Event> {
    let mut events = begun(&["manager-api", "agent-api"]);
    let message = format!(" > [{service} 2/2] COPY app /:\nfailed to solve: \"/app\": not found");
    events.extend(failed(1, &Failure::new(Cause::Build { message })));
    events.extend(undone(&[1, 0]));
    events
}

/// Two services side by side, a third one whose image came out the same, a fourth one that can't run twice.
fn good_update() -> Vec<Event> {
    let both = || names(&["agent-api", "manager-api"]);
    let mut events = begun(&["agent-api", "manager-api", "payment-api"]);
    if let Some(Event::Outlook { plan }) =
        events.iter_mut().find(|event| matches!(event, Event::Outlook { .. }))
    {
        let queue = Change { method: Method::StopFirst, ..change("rabbitmq", Action::Replace) };
        plan.changes.push(queue);
    }
    let changes = vec![
        new_image("agent-api"),
        new_image("manager-api"),
        change("payment-api", Action::Keep),
        Change { method: Method::StopFirst, ..change("rabbitmq", Action::Replace) },
    ];
    events.extend([
        done(1),
        Event::Planned { plan: Plan { changes, steps: vec![], ..Plan::default() } },
        step(2, Step::Rehearse { waves: vec![both()] }, Undo::Nothing),
        doing("manager-api", Activity::Rehearsing),
        doing("agent-api", Activity::Rehearsing),
        doing("manager-api", Activity::Waiting { ready: 0, of: 1 }),
        doing("manager-api", Activity::Ready),
        doing("agent-api", Activity::Waiting { ready: 0, of: 1 }),
        doing("agent-api", Activity::Ready),
        done(2),
        step(3, Step::Replace { services: both() }, Undo::Replace { swaps: Vec::new() }),
        doing("agent-api", Activity::Switching),
        doing("agent-api", Activity::Live),
        doing("manager-api", Activity::Live),
        doing("rabbitmq", Activity::Switching),
        doing("rabbitmq", Activity::Waiting { ready: 0, of: 1 }),
        doing("rabbitmq", Activity::Live),
        done(3),
        phase(4, 4, Phase::Verify),
        verified(&[("agent-api", "b"), ("manager-api", "b"), ("rabbitmq", "d")]),
        Event::Committed { release: "r4".into() },
        Event::Finished { outcome: Outcome::Deployed },
    ]);
    events
}

/// Scene 5.
fn rollback_of_an_update() -> Vec<Event> {
    let folder = "update_20240129_160000".to_owned();
    let image = |service: &str| note(Note::ImageRestored { service: service.into() });
    let changes = vec![new_image("agent-api"), new_image("manager-api")];
    vec![
        started(RunKind::Rollback, Some("r4")),
        phase(1, 3, Phase::Backup),
        note(Note::BackupMade { folder }),
        phase(2, 3, Phase::RestoreImages),
        image("agent-api"),
        image("manager-api"),
        phase(3, 3, Phase::Services),
        Event::Planned { plan: Plan { changes, steps: vec![], ..Plan::default() } },
        doing("agent-api", Activity::Rehearsing),
        doing("agent-api", Activity::Live),
        doing("manager-api", Activity::Live),
        verified(&[("agent-api", "b"), ("manager-api", "b")]),
        Event::Committed { release: "r3".into() },
        Event::Finished { outcome: Outcome::Deployed },
    ]
}

#[test]
fn a_service_that_does_not_come_up_in_chinese() {
    insta::assert_snapshot!(told(Language::Chinese, &start_failure()), @r#"
[1/4] 检查 Docker 环境...
  ✓ Docker 26.1.5，Compose 2.26.1
[2/4] 创建备份...
  ✓ 已备份到 .backup/update_20240129_153022
[3/4] 更新服务...
  更新 manager-api...
    [1/4] 旧服务继续运行...
    [2/4] 构建镜像...
    [3/4] 启动服务...
    [4/4] 检查服务状态...
  ✗ manager-api 未正常运行
    manager-api: 容器已退出，退出码 3
    shop-manager-api-1 最后的日志:
    │ FATAL no config

========================================
  更新失败，开始回滚...
  原因: manager-api 未正常运行
========================================

[回滚 1/2] 恢复服务镜像...
  ✓ 已恢复 manager-api 镜像
  已删除本次备份 .backup/update_20240129_153022：其内容与运行中的版本相同

[回滚 2/2] 重启服务...
  ✓ 已恢复 manager-api（旧容器一直在运行）

========================================
  回滚完成
========================================
  ✓ 已验证: 之前运行的 2 个服务均照常运行
    manager-api  aaaaaaaaaaaa
    redis        cccccccccccc
"#);
}

#[test]
fn a_service_that_does_not_come_up_in_english() {
    insta::assert_snapshot!(told(Language::English, &start_failure()), @r#"
[1/4] Checking the Docker environment...
  ✓ Docker 26.1.5, Compose 2.26.1
[2/4] Creating a backup...
  ✓ Backed up to .backup/update_20240129_153022
[3/4] Updating services...
  Updating manager-api...
    [1/4] The old service keeps running...
    [2/4] Building the image...
    [3/4] Starting the service...
    [4/4] Checking the service...
  ✗ manager-api did not come up
    manager-api: the container ended with exit code 3
    Last lines of shop-manager-api-1:
    │ FATAL no config

========================================
  Update failed, rolling back...
  Reason: manager-api did not come up
========================================

[Rollback 1/2] Restoring service images...
  ✓ Restored the image of manager-api
  Removed this run's backup .backup/update_20240129_153022: it would only say again what runs

[Rollback 2/2] Restarting services...
  ✓ Restored manager-api (its old container was never stopped)

========================================
  Rollback finished
========================================
  ✓ Verified: all 2 services run as they did before
    manager-api  aaaaaaaaaaaa
    redis        cccccccccccc
"#);
}

#[test]
fn a_service_that_is_not_built_in_chinese() {
    insta::assert_snapshot!(told(Language::Chinese, &build_failure("manager-api")), @r#"
[1/4] 检查 Docker 环境...
  ✓ Docker 26.1.5，Compose 2.26.1
[2/4] 创建备份...
  ✓ 已备份到 .backup/update_20240129_153022
[3/4] 更新服务...
  更新 manager-api...
    [1/4] 旧服务继续运行...
    [2/4] 构建镜像...
    ✗ manager-api 镜像构建失败: "/app": not found
    详细信息:
    │  > [manager-api 2/2] COPY app /:
    │ failed to solve: "/app": not found

========================================
  更新失败，开始回滚...
  原因: manager-api 镜像构建失败
========================================

[回滚 1/2] 恢复服务镜像...
  ✓ 已恢复 manager-api 镜像
  ✓ 已恢复 agent-api 镜像
  已删除本次备份 .backup/update_20240129_153022：其内容与运行中的版本相同

[回滚 2/2] 重启服务...
  ✓ 已恢复 manager-api（旧容器一直在运行）
  ✓ 已恢复 agent-api（旧容器一直在运行）

========================================
  回滚完成
========================================
  ✓ 已验证: 之前运行的 2 个服务均照常运行
    manager-api  aaaaaaaaaaaa
    redis        cccccccccccc
"#);
}

#[test]
fn a_service_that_is_not_built_in_english() {
    insta::assert_snapshot!(told(Language::English, &build_failure("manager-api")), @r#"
[1/4] Checking the Docker environment...
  ✓ Docker 26.1.5, Compose 2.26.1
[2/4] Creating a backup...
  ✓ Backed up to .backup/update_20240129_153022
[3/4] Updating services...
  Updating manager-api...
    [1/4] The old service keeps running...
    [2/4] Building the image...
    ✗ Image build of manager-api failed: "/app": not found
    What was said:
    │  > [manager-api 2/2] COPY app /:
    │ failed to solve: "/app": not found

========================================
  Update failed, rolling back...
  Reason: Image build of manager-api failed
========================================

[Rollback 1/2] Restoring service images...
  ✓ Restored the image of manager-api
  ✓ Restored the image of agent-api
  Removed this run's backup .backup/update_20240129_153022: it would only say again what runs

[Rollback 2/2] Restarting services...
  ✓ Restored manager-api (its old container was never stopped)
  ✓ Restored agent-api (its old container was never stopped)

========================================
  Rollback finished
========================================
  ✓ Verified: all 2 services run as they did before
    manager-api  aaaaaaaaaaaa
    redis        cccccccccccc
"#);
}

#[test]
fn the_block_of_the_service_that_failed_is_the_last() {
    let text = told(Language::English, &build_failure("agent-api"));
    let (_, blocks) = text.split_once("[3/4]").unwrap();
    let (blocks, _) = blocks.split_once("What was said").unwrap();
    insta::assert_snapshot!(blocks, @r#"
Updating services...
 Updating manager-api...
   [1/4] The old service keeps running...
   [2/4] Building the image...
 Updating agent-api...
   [1/4] The old service keeps running...
   [2/4] Building the image...
   ✗ Image build of agent-api failed: "/app": not found
"#);
}

#[test]
fn a_good_update_in_chinese() {
    insta::assert_snapshot!(told(Language::Chinese, &good_update()), @r#"
[1/4] 检查 Docker 环境...
  ✓ Docker 26.1.5，Compose 2.26.1
[2/4] 创建备份...
  ✓ 已备份到 .backup/update_20240129_153022
[3/4] 更新服务...
  更新 agent-api...
    [1/4] 旧服务继续运行...
    [2/4] 构建镜像...
    [3/4] 启动服务...
    [4/4] 检查服务状态...
  更新 manager-api...
    [1/4] 旧服务继续运行...
    [2/4] 构建镜像...
    [3/4] 启动服务...
    [4/4] 检查服务状态...
  更新 payment-api...
    [1/4] 旧服务继续运行...
    [2/4] 构建镜像...
    ✓ payment-api 的镜像和定义没有变化，保留原容器
  ✓ 新容器已通过检查，运行中的服务未受影响
  ✓ agent-api 启动成功
  ✓ manager-api 启动成功
  更新 rabbitmq...
    [1/4] 镜像就绪前旧服务继续运行...
    [2/4] 使用现有镜像...
    [3/4] 启动服务（先停止旧容器）...
    [4/4] 检查服务状态...
  ✓ rabbitmq 启动成功
[4/4] 验证...
  ✓ 已验证: 3 个服务均符合预期 (用时 … 秒)
    agent-api    bbbbbbbbbbbb
    manager-api  bbbbbbbbbbbb
    rabbitmq     dddddddddddd

========================================
  更新成功！
========================================
"#);
}

#[test]
fn a_good_update_in_english() {
    insta::assert_snapshot!(told(Language::English, &good_update()), @r#"
[1/4] Checking the Docker environment...
  ✓ Docker 26.1.5, Compose 2.26.1
[2/4] Creating a backup...
  ✓ Backed up to .backup/update_20240129_153022
[3/4] Updating services...
  Updating agent-api...
    [1/4] The old service keeps running...
    [2/4] Building the image...
    [3/4] Starting the service...
    [4/4] Checking the service...
  Updating manager-api...
    [1/4] The old service keeps running...
    [2/4] Building the image...
    [3/4] Starting the service...
    [4/4] Checking the service...
  Updating payment-api...
    [1/4] The old service keeps running...
    [2/4] Building the image...
    ✓ The image and the definition of payment-api are the same: it keeps its container
  ✓ The new containers have passed; what runs was not touched
  ✓ agent-api is live
  ✓ manager-api is live
  Updating rabbitmq...
    [1/4] The old service keeps running until the image is ready...
    [2/4] Using the image that is there...
    [3/4] Starting the service (its old container is stopped first)...
    [4/4] Checking the service...
  ✓ rabbitmq is live
[4/4] Verifying...
  ✓ Verified: all 3 services are as they should be (… s)
    agent-api    bbbbbbbbbbbb
    manager-api  bbbbbbbbbbbb
    rabbitmq     dddddddddddd

========================================
  Update complete!
========================================
"#);
}

#[test]
fn an_update_is_taken_back_in_chinese() {
    insta::assert_snapshot!(told(Language::Chinese, &rollback_of_an_update()), @r#"
[1/3] 创建备份...
  ✓ 已备份到 .backup/update_20240129_160000

[2/3] 恢复镜像...
  ✓ 已恢复 agent-api 镜像
  ✓ 已恢复 manager-api 镜像

[3/3] 启动服务...
  agent-api: 替换
    镜像从 aaaaaaaaaaaa 变为 bbbbbbbbbbbb
    新容器在旧容器旁启动，通过检查后接管
  manager-api: 替换
    镜像从 aaaaaaaaaaaa 变为 bbbbbbbbbbbb
    新容器在旧容器旁启动，通过检查后接管
  等待服务启动...
  ✓ agent-api 启动成功
  ✓ manager-api 启动成功
  ✓ 已验证: 2 个服务均符合预期 (用时 … 秒)
    agent-api    bbbbbbbbbbbb
    manager-api  bbbbbbbbbbbb

========================================
  回滚成功！
========================================
"#);
}

#[test]
fn an_update_is_taken_back_in_english() {
    insta::assert_snapshot!(told(Language::English, &rollback_of_an_update()), @r#"
[1/3] Creating a backup...
  ✓ Backed up to .backup/update_20240129_160000

[2/3] Restoring images...
  ✓ Restored the image of agent-api
  ✓ Restored the image of manager-api

[3/3] Starting services...
  agent-api: is replaced
    its image changes from aaaaaaaaaaaa to bbbbbbbbbbbb
    the new container starts beside the old one and takes over when it has proved itself
  manager-api: is replaced
    its image changes from aaaaaaaaaaaa to bbbbbbbbbbbb
    the new container starts beside the old one and takes over when it has proved itself
  Waiting for services to start...
  ✓ agent-api is live
  ✓ manager-api is live
  ✓ Verified: all 2 services are as they should be (… s)
    agent-api    bbbbbbbbbbbb
    manager-api  bbbbbbbbbbbb

========================================
  Rollback complete!
========================================
"#);
}

/// The guide's own lines, where its text and its promise agree. It stops services first; here the old one serves on.
#[test]
fn the_guides_lines_are_there() {
    let has = |events: &[Event], lines: &[&str]| {
        let text = told(Language::Chinese, events);
        for line in lines {
            assert!(text.lines().any(|shown| shown.starts_with(line)), "no `{line}` in:\n{text}");
        }
    };
    let undoing = [
        "========================================",
        "  更新失败，开始回滚...",
        "[回滚 1/2] 恢复服务镜像...",
        "  ✓ 已恢复 manager-api 镜像",
        "[回滚 2/2] 重启服务...",
        "  ✓ 已恢复 manager-api",
        "  回滚完成",
    ];
    let start = [
        "  更新 manager-api...",
        "    [2/4] 构建镜像...",
        "    [3/4] 启动服务...",
        "    [4/4] 检查服务状态...",
        "  ✗ manager-api 未正常运行",
    ];
    has(&start_failure(), &[&start[..], &undoing[..]].concat());
    let build = [
        "  更新 manager-api...",
        "    [2/4] 构建镜像...",
        "    ✗ manager-api 镜像构建失败",
        "  原因: manager-api 镜像构建失败",
    ];
    has(&build_failure("manager-api"), &[&build[..], &undoing[..]].concat());
    let back = [
        "  ✓ 已恢复 manager-api 镜像",
        "  ✓ 已恢复 agent-api 镜像",
        "[3/3] 启动服务...",
        "  ✓ manager-api 启动成功",
        "  ✓ agent-api 启动成功",
        "  回滚成功！",
    ];
    has(&rollback_of_an_update(), &back);
}
