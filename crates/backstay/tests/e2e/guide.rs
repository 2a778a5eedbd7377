//! Each command line of the old guide's usage sections, word for word, beside a stack of the guide's services.

use std::process::{Command, Stdio};

use crate::harness::{Stack, inner, lines, page, port, under_load, web};

/// The scripts of `backstay init --wrappers`, as a person runs them.
struct Guide {
    stack: Stack,
    path: String,
    port: u16,
}

impl Guide {
    fn new(name: &str) -> Option<Self> {
        let stack = Stack::new(name)?;
        let port = port();
        let program = std::path::Path::new(env!("CARGO_BIN_EXE_backstay")).parent().unwrap();
        let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
        let mut services = web("manager-api", port) + &inner("agent-api") + &inner("merchant-api");
        for name in ["redis", "rabbitmq"] {
            stack.mode(name, "ok");
            let (tag, argument) =
                (format!("{}-{name}:1", stack.project), format!("SERVICE={name}"));
            let folder = stack.path().to_str().unwrap().to_owned();
            let label = format!("com.docker.compose.project={}", stack.project);
            lines(&[
                "build",
                "-q",
                "-t",
                &tag,
                "--label",
                &label,
                "--build-arg",
                &argument,
                &folder,
            ]);
            services +=
                &format!("  {name}: {{image: \"{tag}\", pull_policy: never, restart: always}}\n");
        }
        for name in ["manager-api", "agent-api", "merchant-api"] {
            stack.mode(name, "ok");
        }
        stack.compose_file(&services).write(".env", "VERSION=1\n");
        stack.backstay(&["init", "--wrappers"]).ends(0);
        Some(Self { stack, path, port })
    }

    fn version(&self, version: u32) {
        self.stack.write(".env", &format!("VERSION={version}\n"));
    }

    fn served(&self) -> String {
        page(self.port, "/version").unwrap_or_default()
    }

    fn shell(&self, line: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", line]).current_dir(self.stack.path());
        command.env("BACKSTAY_STATE", self.stack.state());
        command.env("PATH", &self.path).env("LC_ALL", "zh_CN.UTF-8").env_remove("LANGUAGE");
        command.env_remove("COMPOSE_FILE").env_remove("COMPOSE_PROJECT_NAME");
        command
    }

    /// Runs a line without a terminal.
    #[track_caller]
    fn run(&self, line: &str) -> String {
        let output = self.shell(line).stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{line}\n{said}");
        said
    }

    /// Runs a line in a terminal, where somebody types `answers`.
    #[track_caller]
    fn typed(&self, line: &str, answers: &str) -> String {
        let answers = answers.replace('\n', "\\n");
        let said = self.run(&format!(
            "printf '{answers}' | TERM=xterm NO_COLOR=1 SHELL=/bin/sh script -qec '{line}' /dev/null"
        ));
        assert!(self.stack.leftovers().is_empty(), "{:?}", self.stack.leftovers());
        said
    }

    /// The newest backup whose folder begins with this.
    fn newest(&self, prefix: &str) -> String {
        let entries = std::fs::read_dir(self.stack.path().join(".backup")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with(prefix)).max().unwrap()
    }
}

/// The first two deployments; with the container of `redis`, and the backup of the first one.
fn deployed_twice(name: &str) -> Option<(Guide, String, String)> {
    let guide = Guide::new(name)?;
    guide.run("chmod +x deploy-linux-with-rollback.sh");
    guide.run("chmod +x rollback-deployment.sh");
    let said = guide.run("./deploy-linux-with-rollback.sh");
    assert!(said.contains("[1/8] 检查 Docker 环境..."), "{said}");
    let first = guide.stack.id("redis");
    guide.version(2);
    guide.run("./deploy-linux-with-rollback.sh --skip-cert --skip-env");
    assert_eq!(guide.served(), "2");
    let backup = guide.newest("20");
    Some((guide, first, backup))
}

#[test]
fn the_guides_first_deployments_and_a_rollback() {
    let Some((guide, first, backup)) = deployed_twice("guide-first") else { return };
    assert_eq!(guide.run(&format!("cat .backup/{backup}/.env")), "VERSION=1\n");
    let said = guide.typed(&format!("./rollback-deployment.sh .backup/{backup}"), "y\n");
    for line in
        ["[1/4] ", "[2/4] 恢复配置文件...", "  ✓ 已恢复 .env", "[3/4] 检查镜像...", "回滚成功！"]
    {
        assert!(said.contains(line), "no `{line}` in:\n{said}");
    }
    assert_eq!((guide.served().as_str(), guide.stack.id("redis")), ("1", first));
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn the_guides_deployments_and_their_rollbacks() {
    let Some((guide, first, backup)) = deployed_twice("guide") else { return };
    let port = guide.port;

    // 自动回滚: scene 1, under load.
    guide.version(3);
    guide.stack.write("merchant-api.mode", "ok\n");
    let dockerfile = guide.stack.read("Dockerfile");
    guide.stack.write("Dockerfile", &dockerfile.replace("COPY demo-server", "COPY not-there"));
    let (said, load) = under_load(&[port], || {
        let output = guide.shell("./deploy-linux-with-rollback.sh").output().unwrap();
        assert_eq!(output.status.code(), Some(10));
        String::from_utf8(output.stdout).unwrap()
    });
    for line in [
        "✗ 镜像构建失败: ",
        "  部署失败，开始回滚...",
        "  原因: 镜像构建失败",
        "[回滚 1/3] 恢复配置文件...",
        "[回滚 2/3] 清理失败的容器...",
        "[回滚 3/3] 尝试恢复旧服务...",
        "  ✓ 已恢复旧服务",
        "  回滚完成",
    ] {
        assert!(said.contains(line), "no `{line}` in:\n{said}");
    }
    assert_eq!(load.failures(), 0, "{load:?}");
    guide.stack.write("Dockerfile", &dockerfile);
    guide.run("./deploy-linux-with-rollback.sh --no-backup");
    assert_eq!(guide.served(), "3");

    // 手动回滚
    let said = guide.typed("./rollback-deployment.sh", "1\n");
    assert!(said.contains("可用的备份："), "{said}");
    assert!(said.contains("[1] ") && said.contains(&backup), "{said}");
    assert!(said.contains("请选择要回滚的备份编号 (1-1)"), "{said}");
    assert!(said.contains("回滚成功！"), "{said}");
    assert_eq!(guide.served(), "1");
    let newest = guide.newest("20");
    guide.typed(&format!("./rollback-deployment.sh .backup/{newest}"), "y\n");
    assert_eq!(guide.served(), "3");
    let said = guide.run(&format!("./rollback-deployment.sh .backup/{backup} --force"));
    for line in [
        "[1/4] ",
        "[2/4] 恢复配置文件...",
        "  ✓ 已恢复 .env",
        "[3/4] 检查镜像...",
        "  ✓ 镜像已存在",
    ] {
        assert!(said.contains(line), "no `{line}` in:\n{said}");
    }
    assert_eq!((guide.served().as_str(), guide.stack.id("redis")), ("1", first));

    // 查看备份, 手动清理旧备份
    assert_eq!(guide.run(&format!("cat .backup/{backup}/.env")), "VERSION=1\n");
    // Where there is no `jq`, the file is read as it is.
    let reader = "if command -v jq >/dev/null; then jq .; else cat; fi";
    let states = guide.run(&format!("cat .backup/{backup}/containers.json | {reader}"));
    assert!(states.contains("manager-api"), "{states}");
    guide.run("docker compose ps");
    guide.run("docker compose logs manager-api");
    let kept = || guide.run("ls -t .backup");
    let before = kept();
    assert!(
        before.lines().all(|name| name.trim_start_matches("update_").starts_with("20")),
        "{before}"
    );
    guide.run("cd .backup && ls -t | tail -n +4 | xargs rm -rf");
    let newest: Vec<String> = before.lines().take(3).map(str::to_owned).collect();
    assert_eq!(kept().lines().collect::<Vec<_>>(), newest, "the three newest, and what they need");
    guide.stack.backstay(&["backups", "verify"]).ends(0);
    guide.run("find .backup -type d -mtime +30 -exec rm -rf {} + 2>/dev/null || true");
    guide.run("docker compose build");
    guide.version(4);
    guide.run("./deploy-linux-with-rollback.sh");
    assert_eq!(guide.served(), "4");
}

#[test]
#[ignore = "long: cargo xtask test --all"]
fn the_guides_updates_and_their_rollbacks() {
    let Some(guide) = Guide::new("guide-update") else { return };
    let ids =
        |names: &[&str]| -> Vec<String> { names.iter().map(|name| guide.stack.id(name)).collect() };
    guide.run("./deploy-linux-with-rollback.sh");
    guide.version(2);
    let untouched = ids(&["agent-api", "merchant-api", "redis", "rabbitmq"]);
    let said = guide.typed("./update-linux-with-rollback.sh --services \"manager-api\"", "y\n");
    for line in [
        "更新 manager-api...",
        "[1/4] ",
        "[2/4] 构建镜像...",
        "[3/4] 启动服务",
        "[4/4] 检查服务状态...",
    ] {
        assert!(said.contains(line), "no `{line}` in:\n{said}");
    }
    assert_eq!(guide.served(), "2");
    assert_eq!(ids(&["agent-api", "merchant-api", "redis", "rabbitmq"]), untouched);
    let backup = guide.newest("update_");
    let services = guide.stack.read(&format!(".backup/{backup}/services.txt"));
    assert_eq!(services, "manager-api\n");

    guide.version(3);
    let line = "./update-linux-with-rollback.sh --services \"manager-api,agent-api,merchant-api\"";
    guide.typed(line, "y\n");
    let before = ids(&["redis", "rabbitmq"]);
    guide.run("./update-linux-with-rollback.sh --services \"redis,rabbitmq\" --no-build --force");
    guide.typed("./update-linux-with-rollback.sh --services \"redis,rabbitmq\" --no-build", "y\n");
    assert_eq!(ids(&["redis", "rabbitmq"]), before, "nothing has changed in them");
    guide.version(4);
    guide.run("./update-linux-with-rollback.sh --services \"manager-api\" --force");
    assert_eq!(guide.served(), "4");

    let said = guide.typed("./rollback-update.sh", "1\n");
    assert!(said.contains("可用的更新备份：") && said.contains("服务: manager-api"), "{said}");
    assert_eq!(guide.served(), "3");
    let agent = guide.stack.id("agent-api");
    let said = guide.run(&format!("./rollback-update.sh .backup/{backup} --force"));
    for line in [
        "[1/3] ",
        "[2/3] 恢复镜像...",
        "  ✓ 已恢复 manager-api 镜像",
        "[3/3] 启动服务...",
        "回滚成功！",
    ] {
        assert!(said.contains(line), "no `{line}` in:\n{said}");
    }
    assert_eq!((guide.served().as_str(), guide.stack.id("agent-api")), ("1", agent));
}
