//! Packages of a later release, fetched with `apt` and unpacked below `target/`. Nothing is installed.

use crate::engine::sources;
use crate::failure::{Failure, Result};
use crate::{cargo, engine, shell, ui};
use std::fs;
use std::path::{Path, PathBuf};

/// Where packages come from: one of Debian's suites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// Debian's next stable release.
    Next,
    /// Its suite that never is one.
    Unstable,
}

impl Source {
    const fn suite(self) -> &'static str {
        match self {
            Self::Next => "trixie",
            Self::Unstable => "sid",
        }
    }

    /// What belongs to the suite besides itself.
    const fn parts(self) -> &'static [&'static str] {
        match self {
            Self::Next => sources::PARTS,
            Self::Unstable => &[""],
        }
    }
}

/// A folder that packages were unpacked into.
#[derive(Debug, Clone)]
pub(crate) struct Unpacked {
    root: PathBuf,
}

/// The engine, its client and its plugins. `runc` is the machine's: a later one needs a later libc.
pub(super) fn newest_engine() -> Result<Unpacked> {
    let packages = ["docker.io", "docker-cli", "docker-compose", "docker-buildx", "containerd"];
    Unpacked::alone("engine", Source::Unstable, &packages)
}

/// Podman with all that it needs, down to the libc.
pub(super) fn podman() -> Result<Unpacked> {
    let packages = ["podman", "netavark", "aardvark-dns", "nftables", "runc"];
    Unpacked::whole("podman", Source::Next, &packages)
}

impl Unpacked {
    /// These packages and nothing that they depend on: they run with what the machine has.
    pub(crate) fn alone(name: &str, source: Source, packages: &[&str]) -> Result<Self> {
        Self::fetched(name, source, packages, |apt| {
            shell::run_quietly(apt.command().arg("download").args(packages))?;
            Ok(apt.folder.clone())
        })
    }

    /// These packages and everything that they depend on, as if nothing were installed: a root to live in.
    pub(crate) fn whole(name: &str, source: Source, packages: &[&str]) -> Result<Self> {
        Self::fetched(name, source, packages, |apt| {
            let status = apt.folder.join("status");
            fs::write(&status, "").map_err(Failure::on(&status))?;
            let mut command = apt.command();
            command.arg("-o").arg(format!("Dir::State::status={}", status.display()));
            command.args(["install", "--yes", "--download-only", "--no-install-recommends"]);
            shell::run_quietly(command.args(packages))?;
            Ok(apt.folder.join("cache/archives"))
        })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Fetches and unpacks them, unless that was done before.
    fn fetched(
        name: &str,
        source: Source,
        packages: &[&str],
        fetch: impl FnOnce(&Apt) -> Result<PathBuf>,
    ) -> Result<Self> {
        let folder = cargo::target()?.join("engines").join(name);
        let (root, mark) = (folder.join("root"), folder.join("complete"));
        let wanted = format!("{} {}\n", source.suite(), packages.join(" "));
        if fs::read_to_string(&mark).is_ok_and(|found| found == wanted) {
            return Ok(Self { root });
        }
        ui::step(&format!("fetching {} from {}", packages.join(", "), source.suite()));
        let _ = fs::remove_dir_all(&folder);
        let apt = Apt::new(folder.join("apt"), source)?;
        let archives = fetch(&apt)?;
        // A release without `/bin` as a folder: what is unpacked there belongs into `/usr`.
        for part in ["bin", "sbin", "lib", "lib64"] {
            let place = root.join("usr").join(part);
            fs::create_dir_all(&place).map_err(Failure::on(&place))?;
            link(Path::new("usr").join(part).as_path(), &root.join(part))?;
        }
        for entry in fs::read_dir(&archives).map_err(Failure::on(&archives))? {
            let path = entry.map_err(Failure::on(&archives))?.path();
            if path.extension().is_some_and(|ending| ending == "deb") {
                let mut unpack = shell::command("dpkg-deb", &["--extract"]);
                shell::run_quietly(unpack.arg(&path).arg(&root))?;
            }
        }
        let _ = fs::remove_dir_all(&apt.folder);
        fs::write(&mark, wanted).map_err(Failure::on(&mark))?;
        Ok(Self { root })
    }
}

/// `apt-get` with sources, lists and a cache of its own.
struct Apt {
    folder: PathBuf,
}

impl Apt {
    fn new(folder: PathBuf, source: Source) -> Result<Self> {
        for part in ["lists/partial", "cache/archives/partial"] {
            let place = folder.join(part);
            fs::create_dir_all(&place).map_err(Failure::on(&place))?;
        }
        let (ending, text) = engine::sources_of(source.suite(), source.parts())?;
        let list = folder.join(format!("list.{ending}"));
        fs::write(&list, text).map_err(Failure::on(&list))?;
        let apt = Self { folder };
        shell::run_quietly(apt.command().arg("update"))?;
        Ok(apt)
    }

    fn command(&self) -> std::process::Command {
        let mut command = shell::command(
            "apt-get",
            &["-qq", "-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=120"],
        );
        let list = ["sources", "list"].map(|ending| self.folder.join(format!("list.{ending}")));
        let list = list.into_iter().find(|path| path.exists()).unwrap_or_default();
        let settings = [
            ("Dir::Etc::sourcelist", list),
            ("Dir::Etc::sourceparts", PathBuf::from("/dev/null")),
            ("Dir::Etc::preferences", PathBuf::from("/dev/null")),
            ("Dir::Etc::preferencesparts", PathBuf::from("/dev/null")),
            ("Dir::State::lists", self.folder.join("lists")),
            ("Dir::Cache", self.folder.join("cache")),
        ];
        for (name, value) in settings {
            command.arg("-o").arg(format!("{name}={}", value.display()));
        }
        // As root it would hand the work to a user who may not be able to write here.
        command.args(["-o", "APT::Sandbox::User=root"]);
        command.current_dir(&self.folder).env("DEBIAN_FRONTEND", "noninteractive");
        command
    }
}

#[cfg(unix)]
fn link(to: &Path, at: &Path) -> Result<()> {
    std::os::unix::fs::symlink(to, at).map_err(Failure::on(at))
}

#[cfg(not(unix))]
fn link(_: &Path, at: &Path) -> Result<()> {
    Err(Failure::new(format!("{}: only Linux has these packages", at.display())))
}
