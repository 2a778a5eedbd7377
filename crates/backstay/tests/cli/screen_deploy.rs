//! What a deployment that goes well looks like.

use std::collections::BTreeMap;

use backstay_cli::i18n::Language;
use backstay_core::event::{Activity, Event, Note, Outcome, OutputSource, Phase, Undo};
use backstay_core::plan::{Action, Change, Method, Plan, Reason, Step, Why};

use crate::harness::{doing, done, note, phase, prepared, step, told};

fn change(service: &str, action: Action) -> Change {
    let service = service.to_owned();
    Change { service, action, method: Method::None, why: Vec::new(), reasons: Vec::new() }
}

fn good_deployment() -> Vec<Event> {
    let mut events = prepared(Some("20240128_101533"));
    let manager = || vec!["manager-api".to_owned()];
    let image = |digit: &str| format!("sha256:{}", digit.repeat(64));
    let plan = Plan {
        changes: vec![
            change("redis", Action::Keep),
            Change {
                method: Method::RehearsedSwap,
                why: vec![Why::HostPort { port: "8081/tcp".into() }],
                reasons: vec![Reason::Image { from: image("a"), to: image("b") }],
                ..change("manager-api", Action::Replace)
            },
        ],
        steps: Vec::new(),
    };
    let line = "#5 [2/2] COPY app /\x1b[31mapp".to_owned();
    events.extend([
        step(1, Step::Build { services: manager() }, Undo::BuildTags { tags: Vec::new() }),
        Event::Output { from: OutputSource::Build, line },
        done(1),
        Event::Planned { plan },
        phase(8, 8, Phase::Services),
        step(2, Step::Rehearse { waves: vec![manager()] }, Undo::Nothing),
        doing("manager-api", Activity::Rehearsing),
        doing("manager-api", Activity::Waiting { ready: 0, of: 1 }),
        doing("manager-api", Activity::Ready),
        done(2),
        step(3, Step::Replace { services: manager() }, Undo::Replace { swaps: Vec::new() }),
        doing("manager-api", Activity::Switching),
        doing("manager-api", Activity::Live),
        done(3),
        step(4, Step::Bake { services: manager() }, Undo::Nothing),
        done(4),
        Event::Verified {
            services: BTreeMap::from([
                ("manager-api".to_owned(), image("b")),
                ("redis".to_owned(), image("c")),
            ]),
        },
        Event::Committed { release: "20240129_143052".into() },
        Event::Finished { outcome: Outcome::Deployed },
        note(Note::Pruned { release: "20240121_090000".into() }),
    ]);
    events
}

#[test]
fn a_good_deployment_in_chinese() {
    insta::assert_snapshot!(told(Language::Chinese, &good_deployment()), @r#"
[1/8] 检查 Docker 环境...
[2/8] 创建备份...
  ✓ 已备份到 .backup/20240129_143052
[3/8] 配置环境变量...
[4/8] 配置 SSL 证书...
  未配置证书
[5/8] 创建数据目录...
[6/8] 制定计划...
[7/8] 构建 Docker 镜像...
  │ #5 [2/2] COPY app /app
  ✓ 已构建 manager-api
  manager-api: 替换
    镜像从 aaaaaaaaaaaa 变为 bbbbbbbbbbbb
    先用副本在运行中的容器旁验证，再停止旧容器并启动新容器
    因为两个容器不能同时占用主机端口 8081/tcp
  保持不变: redis
[8/8] 启动服务...
  等待服务启动...
  ✓ manager-api 已就绪
  ✓ 新容器已通过检查，运行中的服务未受影响
  ✓ manager-api 启动成功
  ✓ 观察期内运行稳定
  ✓ 服务启动成功
  ✓ 已验证: 2 个服务均符合预期 (用时 … 秒)
    manager-api  bbbbbbbbbbbb
    redis        cccccccccccc

========================================
  部署成功！
========================================
  已清理旧备份 20240121_090000
"#);
}

#[test]
fn a_good_deployment_in_english() {
    insta::assert_snapshot!(told(Language::English, &good_deployment()), @r#"
[1/8] Checking the Docker environment...
[2/8] Creating a backup...
  ✓ Backed up to .backup/20240129_143052
[3/8] Configuring environment variables...
[4/8] Configuring the TLS certificate...
  No certificate is configured
[5/8] Creating data directories...
[6/8] Making the plan...
[7/8] Building Docker images...
  │ #5 [2/2] COPY app /app
  ✓ Built manager-api
  manager-api: is replaced
    its image changes from aaaaaaaaaaaa to bbbbbbbbbbbb
    a twin proves itself beside the running container; then the old one is stopped and the new one started
    because two containers can't have host port 8081/tcp at once
  unchanged: redis
[8/8] Starting services...
  Waiting for services to start...
  ✓ manager-api is ready
  ✓ The new containers have passed; what runs was not touched
  ✓ manager-api is live
  ✓ Stable while being watched
  ✓ Services started
  ✓ Verified: all 2 services are as they should be (… s)
    manager-api  bbbbbbbbbbbb
    redis        cccccccccccc

========================================
  Deployment complete!
========================================
  Removed the old backup 20240121_090000
"#);
}
