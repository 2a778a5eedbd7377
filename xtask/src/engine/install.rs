//! Installing the engine from the distribution's own packages (Debian and Ubuntu, as root).

use super::machine::{self, Distribution};
use super::{probe, sources};
use crate::failure::{Failure, Result};
use crate::shell;
use crate::ui;
use std::fs;
use std::path::Path;

const APT: &str = "/etc/apt";
/// Debian 12 has Compose 1 only; the next release's packages install on it as they are.
const TOO_OLD: &str = "bookworm";
const NEXT: &str = "trixie";
/// Below what everything else has, so that nothing but the engine comes from there.
const PIN: &str = "Package: *\nPin: release n=trixie*\nPin-Priority: 100\n";

/// Installs engine, client, Compose and the builder.
pub(super) fn install(distribution: &Distribution) -> Result<()> {
    ui::step("installing a Docker engine from the distribution's packages");
    // Other, broken sources of the machine make this fail; whether it matters shows below.
    let mut updated = apt(&["update"]);
    let mut compose = compose_package();
    let next = compose.is_none() && distribution.codename == TOO_OLD;
    if next {
        add_next_release()?;
        updated = apt(&["update"]);
        compose = Some("docker-compose");
    }
    let Some(compose) = compose else {
        let what = format!(
            "the packages of {} {} have no Compose that is new enough",
            distribution.id, distribution.codename
        );
        return Err(updated.err().unwrap_or_else(|| Failure::new(what)));
    };
    let mut packages: Vec<String> = ["docker.io", "docker-cli", compose, "docker-buildx"]
        .into_iter()
        .filter(|name| candidate(name).is_some())
        .map(|name| if next { format!("{name}/{NEXT}") } else { name.to_owned() })
        .collect();
    packages.push("iptables".into());
    let mut arguments = vec!["install", "-y", "--no-install-recommends"];
    arguments.extend(packages.iter().map(String::as_str));
    apt(&arguments)
}

/// The name under which this distribution has a Compose that will do.
fn compose_package() -> Option<&'static str> {
    let will_do = |name: &&str| candidate(name).is_some_and(|v| probe::is_new_compose(&v));
    ["docker-compose-v2", "docker-compose"].into_iter().find(will_do)
}

fn candidate(package: &str) -> Option<String> {
    let mut command = shell::command("apt-cache", &["policy", package]);
    let text = shell::capture(command.env("LC_ALL", "C")).ok()?;
    let version = text.lines().find_map(|line| line.trim().strip_prefix("Candidate: "))?;
    (version != "(none)").then(|| version.to_owned())
}

fn apt(arguments: &[&str]) -> Result<()> {
    let mut command = shell::command("apt-get", &["-o", "DPkg::Lock::Timeout=120"]);
    command.args(["-o", "Acquire::Retries=3"]).args(arguments);
    shell::run_quietly(command.env("DEBIAN_FRONTEND", "noninteractive"))
}

fn add_next_release() -> Result<()> {
    let apt = Path::new(APT);
    let hint = "install an engine and Compose 2.20 or newer by hand";
    let (ending, text) = rewritten(TOO_OLD, NEXT, sources::PARTS).map_err(|f| f.hint(hint))?;
    // The pin first: between the two writes the new source must not upgrade anything.
    write(&apt.join("preferences.d/backstay-engine"), PIN)?;
    write(&apt.join("sources.list.d").join(format!("backstay-engine.{ending}")), &text)
}

/// The machine's package sources for another suite, of which `parts` are taken; and the ending of a file of that kind.
pub(crate) fn sources_of(suite: &str, parts: &[&str]) -> Result<(&'static str, String)> {
    match machine::distribution() {
        Some(found) if found.id == "debian" => rewritten(&found.codename, suite, parts),
        _ => Err(Failure::new("this is no Debian, whose packages are wanted")),
    }
}

fn rewritten(from: &str, to: &str, parts: &[&str]) -> Result<(&'static str, String)> {
    let apt = Path::new(APT);
    let deb822 = read(&apt.join("sources.list.d/debian.sources"));
    let deb822 = sources::deb822(&deb822, from, to, parts);
    let one_line = sources::one_line(&read(&apt.join("sources.list")), from, to, parts);
    if !deb822.is_empty() {
        Ok(("sources", deb822))
    } else if !one_line.is_empty() {
        Ok(("list", one_line))
    } else {
        Err(Failure::new(format!("the package sources in {APT} name no `{from}`")))
    }
}

/// Installs one small package, where that is possible.
pub(super) fn add(package: &str) -> Result<()> {
    ui::step(&format!("installing {package}"));
    let added = apt(&["install", "-y", "--no-install-recommends", package]);
    added.or_else(|_| {
        apt(&["update"])?;
        apt(&["install", "-y", "--no-install-recommends", package])
    })
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn write(path: &Path, text: &str) -> Result<()> {
    ui::step(&format!("writing {}", path.display()));
    fs::write(path, text).map_err(Failure::on(path))
}
