//! A copy of the example stack, and the edits that its user makes.

use crate::failure::{Failure, Result};
use crate::stack::Stack;
use crate::{cargo, leftovers, ports, shell};
use backstay_testkit::app::Target;
use std::fs;
use std::path::Path;
use std::time::Duration;

const REDIS_IMAGE: &str = "backstay-demo-redis:1";
const ASK_LIMIT: Duration = Duration::from_secs(2);
/// The files that a release may change, all of which an edit starts from.
const EDITED: [&str; 4] =
    [".env", "manager-api/Dockerfile", "manager-api/demo.mode", "docker-compose.yml"];

pub(super) struct Shop {
    pub(super) stack: Stack,
    ports: [u16; 2],
    original: Vec<(&'static str, String)>,
}

impl Shop {
    /// Copies the example and builds the image that it does not build itself.
    pub(super) fn open(demo_server: &Path) -> Result<Self> {
        let stack = Stack::new("demo")?;
        let examples = cargo::root().join("examples");
        copy(&examples.join("shop"), &stack.folder)?;
        copy_file(demo_server, &stack.folder.join("demo-server"))?;
        let ports = ports::free(2)?;
        let ports = [ports[0], ports[1]];
        let env = stack.read(".env")?;
        let env = env.replace("=8081", &format!("={}", ports[0]));
        stack.write(".env", &env.replace("=8082", &format!("={}", ports[1])))?;
        let dockerfile = examples.join("redis-standin/Dockerfile");
        let mut build = shell::command("docker", &["build", "--quiet", "--tag", REDIS_IMAGE]);
        build.arg("--file").arg(dockerfile).arg(&stack.folder);
        shell::run_quietly(&mut build)?;
        let original = EDITED.map(|name| stack.read(name).map(|text| (name, text)));
        let original = original.into_iter().collect::<Result<_>>()?;
        Ok(Self { stack, ports, original })
    }

    /// The URLs that visitors ask.
    pub(super) fn urls(&self) -> [String; 2] {
        self.ports.map(|port| format!("http://127.0.0.1:{port}/version"))
    }

    /// The versions that answer now, `-` for none.
    pub(super) fn serves(&self) -> [String; 2] {
        self.urls().map(|url| {
            let answer = Target::resolve(&url).and_then(|target| target.get(ASK_LIMIT));
            answer.map_or_else(|_| "-".into(), |answer| answer.body.trim().to_owned())
        })
    }

    /// Files as for a good release of this version.
    pub(super) fn edit_version(&self, version: u32) -> Result<()> {
        for (name, text) in &self.original {
            self.stack
                .write(name, &text.replace("VERSION=1\n", &format!("VERSION={version}\n")))?;
        }
        // The Dockerfile's default stays what it was: a release changes `.env`.
        self.stack.write("manager-api/Dockerfile", self.text("manager-api/Dockerfile"))
    }

    /// On top of a version: the image can't be built.
    pub(super) fn edit_broken_build(&self) -> Result<()> {
        let text = format!("{}COPY no-such-file /\n", self.text("manager-api/Dockerfile"));
        self.stack.write("manager-api/Dockerfile", &text)
    }

    /// On top of a version: the program misbehaves.
    pub(super) fn edit_mode(&self, mode: &str) -> Result<()> {
        self.stack.write("manager-api/demo.mode", &format!("{mode}\n"))
    }

    /// All that a release which fails must leave as it was: the running containers, each line
    /// beginning with its service, and the tags of the images that were built.
    pub(super) fn state(&self) -> Result<Vec<String>> {
        let label = format!("label=com.docker.compose.project={}", self.stack.project);
        let containers = "{{.Label \"com.docker.compose.service\"}} {{.ID}} {{.Names}}";
        let containers = ["ps", "--no-trunc", "--format", containers, "--filter", &label];
        let tags = ["images", "--format", "tag {{.Repository}}:{{.Tag}} {{.ID}}", "--filter"];
        let tags = [&tags[..], &[&label, "--filter", "dangling=false"]].concat();
        let mut lines = Vec::new();
        for arguments in [&containers[..], &tags] {
            let text = shell::capture(&mut shell::command("docker", arguments))?;
            lines.extend(text.lines().map(str::to_owned));
        }
        lines.sort();
        Ok(lines)
    }

    fn text(&self, name: &str) -> &str {
        let mut texts = self.original.iter().filter(|(known, _)| *known == name);
        texts.next().map_or("", |(_, text)| text)
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        if self.stack.keep {
            return;
        }
        // Before its image, which could not go while a container has it.
        let _ = leftovers::remove(&self.stack.project);
        // Another demo at the same time may need it still; the last one to end removes it.
        let _ = shell::output(&mut shell::command("docker", &["rmi", REDIS_IMAGE]));
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).map_err(Failure::on(to))?;
    for entry in fs::read_dir(from).map_err(Failure::on(from))? {
        let entry = entry.map_err(Failure::on(from))?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() { copy(&path, &target)? } else { copy_file(&path, &target)? }
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).map(drop).map_err(Failure::on(from))
}
