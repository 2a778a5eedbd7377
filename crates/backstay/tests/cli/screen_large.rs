//! What a stack of very many services looks like.

use backstay_cli::i18n::Language;
use backstay_core::event::{Activity, Event, Note, Outcome, Phase};
use backstay_core::plan::Undo;
use backstay_core::plan::{Action, Change, Method, Plan, Step, Why};

use crate::harness::{
    change, doing, done, new_image, note, phase, prepared, step, told, told_in_full,
};

fn names(count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("svc-{number}")).collect()
}

/// 63 services with an image each of their own, ten of them with host ports; one new service; nine that stay.
fn plan() -> Plan {
    let mut changes = Vec::new();
    for (at, name) in names(73).iter().enumerate() {
        changes.push(match at {
            0..10 => Change {
                method: Method::RehearsedSwap,
                why: vec![Why::HostPort { port: format!("{}/tcp", 8000 + at) }],
                ..new_image(name)
            },
            10..63 => Change { method: Method::Beside, ..new_image(name) },
            63 => change(name, Action::Add),
            _ => change(name, Action::Keep),
        });
    }
    Plan { changes, steps: vec![Step::Build { services: names(64) }], ..Plan::default() }
}

fn deployment() -> Vec<Event> {
    let mut events = prepared(Some("r3"));
    let folders = (1..=9).map(|n| Note::DirectoryCreated { path: format!("/srv/shop/data/{n}") });
    events.extend(folders.map(note));
    events.extend([
        Event::Outlook { plan: plan() },
        phase(7, 8, Phase::Images),
        step(1, Step::Build { services: names(64) }, Undo::BuildTags { tags: Vec::new() }),
        done(1),
        Event::Planned { plan: plan() },
        phase(8, 8, Phase::Services),
        step(2, Step::Replace { services: names(64) }, Undo::Replace { swaps: Vec::new() }),
    ]);
    events.extend(names(64).iter().map(|name| doing(name, Activity::Live)));
    let services = names(73).into_iter().map(|name| (name, "0123456789abcdef".to_owned()));
    events.extend([
        done(2),
        Event::Verified { services: services.collect(), unwell: Vec::new() },
        Event::Committed { release: "r4".into() },
        Event::Finished { outcome: Outcome::Deployed },
    ]);
    events
}

#[test]
fn a_stack_of_73_services_is_told_in_groups() {
    insta::assert_snapshot!(told(Language::English, &deployment()), @r"
    [1/8] Checking the Docker environment...
      ✓ Docker 26.1.5, Compose 2.26.1
    [2/8] Creating a backup...
      ✓ Backed up to .backup/20240129_143052
    [3/8] Configuring environment variables...
    [4/8] Configuring the TLS certificate...
      No certificate is configured
    [5/8] Creating data directories...
    [6/8] Making the plan...
      ✓ Created data/1, data/2, data/3, data/4, data/5 and 4 more
      10 services: svc-1, svc-2, svc-3, svc-4, svc-5 and 5 more
        - is replaced
        - its image changes
        - a twin proves itself beside the running container; then the old one is stopped and the new one started
        - because two containers can't have the same host port at once
      53 services: svc-11, svc-12, svc-13, svc-14, svc-15 and 48 more
        - is replaced
        - its image changes
        - the new container starts beside the old one and takes over when it has proved itself
      svc-64: is new
      unchanged: 9 services
      --verbose shows every service with its details
    [7/8] Building Docker images...
      ✓ Built svc-1, svc-2, svc-3, svc-4, svc-5 and 59 more
    [8/8] Starting services...
      ✓ 64 services are live: svc-1, svc-2, svc-3, svc-4, svc-5 and 59 more
      ✓ Verified: all 73 services are as they should be (… s)
        svc-1   0123456789ab
        svc-10  0123456789ab
        svc-11  0123456789ab
        svc-12  0123456789ab
        svc-13  0123456789ab
        … and 59 more

    ========================================
      Deployment complete!
    ========================================
    ");
}

#[test]
fn the_same_in_chinese() {
    insta::assert_snapshot!(told(Language::Chinese, &deployment()), @r"
    [1/8] 检查 Docker 环境...
      ✓ Docker 26.1.5，Compose 2.26.1
    [2/8] 创建备份...
      ✓ 已备份到 .backup/20240129_143052
    [3/8] 配置环境变量...
    [4/8] 配置 SSL 证书...
      未配置证书
    [5/8] 创建数据目录...
    [6/8] 制定计划...
      ✓ 已创建 data/1, data/2, data/3, data/4, data/5 以及另外 4 个
      10 个服务: svc-1, svc-2, svc-3, svc-4, svc-5 以及另外 5 个
        - 替换
        - 镜像有变化
        - 先用副本在运行中的容器旁验证，再停止旧容器并启动新容器
        - 因为两个容器不能同时占用同一个主机端口
      53 个服务: svc-11, svc-12, svc-13, svc-14, svc-15 以及另外 48 个
        - 替换
        - 镜像有变化
        - 新容器在旧容器旁启动，通过检查后接管
      svc-64: 新增
      保持不变: 9 个服务
      加 --verbose 可查看每个服务的详情
    [7/8] 构建 Docker 镜像...
      ✓ 已构建 svc-1, svc-2, svc-3, svc-4, svc-5 以及另外 59 个
    [8/8] 启动服务...
      ✓ 64 个服务启动成功: svc-1, svc-2, svc-3, svc-4, svc-5 以及另外 59 个
      ✓ 已验证: 73 个服务均符合预期 (用时 … 秒)
        svc-1   0123456789ab
        svc-10  0123456789ab
        svc-11  0123456789ab
        svc-12  0123456789ab
        svc-13  0123456789ab
        … 以及另外 59 个

    ========================================
      部署成功！
    ========================================
    ");
}

#[test]
fn verbose_tells_each_of_them() {
    let screen = told_in_full(Language::English, &deployment());
    for name in names(73) {
        assert!(screen.contains(&name), "{name} is not in:\n{screen}");
    }
    assert_eq!(screen.matches("is live").count(), 64);
    assert!(screen.contains("host port 8009/tcp") && screen.contains("data/9"), "{screen}");
}
