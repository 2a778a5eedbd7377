//! What a deployment that goes well looks like.

use backstay_cli::i18n::Language;
use backstay_core::event::{Activity, Cause, Event, Failure, Note, Outcome, OutputSource, Phase};
use backstay_core::plan::Undo;
use backstay_core::plan::{Action, Change, Method, Plan, Step, Why};
use backstay_core::ports::CertificateFinding;

use crate::harness::{
    change, doing, done, new_image, note, phase, prepared, step, told, told_in_full, verified,
};

/// Which services change is known before the build only as far as the files tell.
fn plans() -> [Plan; 2] {
    let swapped = |change| Change {
        method: Method::RehearsedSwap,
        why: vec![Why::HostPort { port: "8081/tcp".into() }],
        ..change
    };
    let plan = |manager, agent| Plan {
        changes: vec![change("redis", Action::Keep), swapped(manager), agent],
        steps: vec![Step::Build { services: vec!["agent-api".into(), "manager-api".into()] }],
        ..Plan::default()
    };
    let first = |service| change(service, Action::BuildFirst);
    [
        plan(first("manager-api"), first("agent-api")),
        plan(new_image("manager-api"), change("agent-api", Action::Keep)),
    ]
}

fn good_deployment() -> Vec<Event> {
    let mut events = prepared(Some("r3"));
    let manager = || vec!["manager-api".to_owned()];
    let both = || vec!["agent-api".to_owned(), "manager-api".to_owned()];
    let [outlook, plan] = plans();
    let line = "#5 [2/2] COPY app /\x1b[31mapp".to_owned();
    events.extend([
        Event::Outlook { plan: outlook },
        phase(7, 8, Phase::Images),
        step(1, Step::Build { services: both() }, Undo::BuildTags { tags: Vec::new() }),
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
        doing("manager-api", Activity::Ready),
        doing("manager-api", Activity::Live),
        done(3),
        step(4, Step::Bake { services: manager() }, Undo::Nothing),
        done(4),
        verified(&[("agent-api", "c"), ("manager-api", "b"), ("redis", "c")]),
        Event::Committed { release: "r4".into() },
        Event::Finished { outcome: Outcome::Deployed },
        note(Note::Pruned { release: "20240121_090000".into() }),
    ]);
    events
}

#[test]
fn a_good_deployment_in_chinese() {
    insta::assert_snapshot!(told(Language::Chinese, &good_deployment()), @r#"
[1/8] 检查 Docker 环境...
  ✓ Docker 26.1.5，Compose 2.26.1
[2/8] 创建备份...
  ✓ 已备份到 .backup/20240129_143052
[3/8] 配置环境变量...
[4/8] 配置 SSL 证书...
  未配置证书
[5/8] 创建数据目录...
[6/8] 制定计划...
  manager-api: 先构建；镜像有变化时替换
    先用副本在运行中的容器旁验证，再停止旧容器并启动新容器
    因为两个容器不能同时占用主机端口 8081/tcp
  agent-api: 先构建；镜像有变化时替换
  保持不变: redis
[7/8] 构建 Docker 镜像...
  ✓ 已构建 agent-api, manager-api
  manager-api: 镜像变化 aaaaaaaaaaaa → bbbbbbbbbbbb，替换
  保持不变: agent-api
[8/8] 启动服务...
  等待服务启动...
  ✓ 新容器已通过检查，运行中的服务未受影响
  ✓ manager-api 启动成功
  ✓ 观察期内运行稳定
  ✓ 已验证: 3 个服务均符合预期 (用时 … 秒)
    manager-api  bbbbbbbbbbbb

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
  ✓ Docker 26.1.5, Compose 2.26.1
[2/8] Creating a backup...
  ✓ Backed up to .backup/20240129_143052
[3/8] Configuring environment variables...
[4/8] Configuring the TLS certificate...
  No certificate is configured
[5/8] Creating data directories...
[6/8] Making the plan...
  manager-api: is built; replaced if its image changes
    a twin proves itself beside the running container; then the old one is stopped and the new one started
    because two containers can't have host port 8081/tcp at once
  agent-api: is built; replaced if its image changes
  unchanged: redis
[7/8] Building Docker images...
  ✓ Built agent-api, manager-api
  manager-api: image changes aaaaaaaaaaaa → bbbbbbbbbbbb, is replaced
  unchanged: agent-api
[8/8] Starting services...
  Waiting for services to start...
  ✓ The new containers have passed; what runs was not touched
  ✓ manager-api is live
  ✓ Stable while being watched
  ✓ Verified: all 3 services are as they should be (… s)
    manager-api  bbbbbbbbbbbb

========================================
  Deployment complete!
========================================
  Removed the old backup 20240121_090000
"#);
}

#[test]
fn a_build_is_told_line_by_line_only_when_that_is_asked_for() {
    let line = "│ #5 [2/2] COPY app /app\n";
    assert!(!told(Language::English, &good_deployment()).contains(line));
    assert!(told_in_full(Language::English, &good_deployment()).contains(line));
}

#[test]
fn nothing_to_do_is_told_in_few_lines() {
    let mut events = prepared(Some("r3"));
    let plan = Plan {
        changes: vec![change("redis", Action::Keep)],
        steps: vec![Step::Verify],
        ..Plan::default()
    };
    events.extend([
        Event::Outlook { plan: plan.clone() },
        phase(7, 8, Phase::Images),
        Event::Planned { plan },
        phase(8, 8, Phase::Services),
        verified(&[("redis", "c")]),
        note(Note::UpToDate),
        Event::Committed { release: "r3".into() },
        Event::Finished { outcome: Outcome::Deployed },
    ]);
    let text = told(Language::English, &events);
    let end = text.split_once("[6/8]").unwrap().1;
    insta::assert_snapshot!(end, @r#"
 Making the plan...
  unchanged: redis
[7/8] Building Docker images...
[8/8] Starting services...
  ✓ Verified: one service is as it should be (… s)
  ✓ Everything is up to date: nothing has to change

========================================
  Deployment complete!
========================================
"#);
}

#[test]
fn parts_that_were_skipped_say_by_which_flag() {
    let events = [
        note(Note::Skipped { phase: Phase::Environment }),
        note(Note::Skipped { phase: Phase::Certificate }),
    ];
    let text = told(Language::English, &events);
    assert_eq!(text, "  Skipped (--skip-env)\n  Skipped (--skip-cert)\n");
}

/// Steps 3 to 5 where all of them have something to say.
fn surroundings() -> Vec<Event> {
    let not_after = "2026-01-28T12:00:00Z".parse().unwrap();
    let path = || "cert/shop.pfx".to_owned();
    let found = |finding| note(Note::CertificateFound { path: path(), finding });
    let folder = || "/srv/shop/data".to_owned();
    let service = || "web".to_owned();
    vec![
        note(Note::EnvironmentPlaced { template: ".env.linux".into(), replaced: false }),
        note(Note::EnvironmentPlaced { template: ".env.prod".into(), replaced: true }),
        note(Note::EnvironmentKept),
        note(Note::Variables { names: vec!["MYSQL_ROOT_PASSWORD".into(), "TAG".into()] }),
        note(Note::CertificatePassword),
        found(CertificateFinding::EndsSoon { not_after, days_left: 11 }),
        found(CertificateFinding::NameNotCovered { name: "shop.test".into() }),
        note(Note::DirectoryCreated { path: folder() }),
        note(Note::DirectoryNotWritable { path: folder(), service: service(), user: 1000 }),
        note(Note::DirectoryIsFile { path: "/srv/shop/x.conf".into(), service: service() }),
    ]
}

/// Without the moments, which stand in the reader's own time zone.
fn told_without_moments(lang: Language) -> String {
    let text = told(lang, &surroundings());
    let at = text.find("2026-01-").unwrap();
    text.replace(&text[at..at + "2026-01-28 12:00:00".len()], "…")
}

#[test]
fn what_is_around_the_services_in_chinese() {
    insta::assert_snapshot!(told_without_moments(Language::Chinese), @r#"
  ✓ 已使用 .env.linux 创建 .env
  ✓ 已使用 .env.prod 替换 .env
  保留现有的 .env
  MYSQL_ROOT_PASSWORD  ******
  TAG                  ******
  ! 证书密码含有非 ASCII 字符：Java 无法用它打开 PFX 文件
  ! cert/shop.pfx: 将于 … 过期，剩余 11 天
  ! cert/shop.pfx: 不适用于 shop.test
  ✓ 已创建 data
  ! web 以用户 1000 运行，无法写入 data: `sudo chown 1000 data`
  ! web 作为目录挂载的 x.conf 是一个文件
"#);
}

#[test]
fn what_is_around_the_services_in_english() {
    insta::assert_snapshot!(told_without_moments(Language::English), @r#"
  ✓ Created .env from .env.linux
  ✓ Replaced .env with .env.prod
  .env stays as it is
  MYSQL_ROOT_PASSWORD  ******
  TAG                  ******
  ! The certificate's password is not ASCII: Java can't open the PFX file with it
  ! cert/shop.pfx: it ends on …: 11 days are left
  ! cert/shop.pfx: it is not good for shop.test
  ✓ Created data
  ! web runs as user 1000 and can't write data: `sudo chown 1000 data`
  ! x.conf, which web mounts as a folder, is a file
"#);
}

#[test]
fn a_run_that_was_undone_says_which_files_are_back() {
    let saved = [(".env".to_owned(), None)].into();
    let undo = Undo::Files { written: Default::default(), saved, folders: Vec::new() };
    let mut events = prepared(None);
    events.push(step(0, Step::Environment { template: ".env.linux".into() }, undo));
    events.push(done(0));
    events.push(Event::UnwindStarted { failure: Failure::new(Cause::Interrupted) });
    events.push(note(Note::FileRemoved { path: ".env".into() }));
    events.push(Event::UndoFinished { index: 0 });
    events.push(Event::Finished { outcome: Outcome::RolledBack });
    let text = told(Language::English, &events);
    assert!(text.contains("✓ Removed .env, which this run had made\n"), "{text}");
    assert!(
        text.contains("✓ Restored docker-compose.yml (this run had not changed it)\n"),
        "{text}"
    );
    assert!(!text.contains("Restored .env"), "{text}");
}
