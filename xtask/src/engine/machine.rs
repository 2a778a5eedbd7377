//! What kind of machine this is, and what may be done on it.

use crate::shell;
use std::fs;
use std::path::Path;

/// A distribution that an engine can be installed on from its own packages.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Distribution {
    /// `debian`, `ubuntu`, …
    pub(super) id: String,
    /// `bookworm`, `noble`, …
    pub(super) codename: String,
}

/// Debian, Ubuntu or what calls itself like them; `None` elsewhere.
pub(super) fn distribution() -> Option<Distribution> {
    let text = fs::read_to_string("/etc/os-release").ok()?;
    let found = parse(&text)?;
    let known = matches!(found.id.as_str(), "debian" | "ubuntu") && shell::exists("apt-get");
    known.then_some(found)
}

/// Whether this process may install and start things.
pub(super) fn is_root() -> bool {
    shell::capture(&mut shell::command("id", &["-u"])).is_ok_and(|id| id == "0")
}

/// Whether systemd manages this machine, so that it has to be asked to start services.
pub(super) fn has_systemd() -> bool {
    Path::new("/run/systemd/system").is_dir()
}

/// The engine is on another machine or under another user: not ours to start.
pub(crate) fn engine_is_elsewhere() -> Option<String> {
    let host = std::env::var("DOCKER_HOST").ok().filter(|host| !host.is_empty());
    host.map(|host| format!("DOCKER_HOST={host}")).or_else(|| {
        let context = std::env::var("DOCKER_CONTEXT").ok();
        let context = context.filter(|name| !name.is_empty() && name != "default");
        context.map(|name| format!("DOCKER_CONTEXT={name}"))
    })
}

fn parse(os_release: &str) -> Option<Distribution> {
    let field = |name: &str| {
        let lines = os_release.lines().filter_map(|line| line.split_once('='));
        let mut values = lines.filter(|(key, _)| *key == name);
        values.next().map(|(_, value)| value.trim_matches(['"', '\'']).to_owned())
    };
    Some(Distribution { id: field("ID")?, codename: field("VERSION_CODENAME")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn os_release_is_read_with_and_without_quotes() {
        let text = "NAME=\"Debian GNU/Linux\"\nVERSION_CODENAME=bookworm\nID=\"debian\"\n";
        let expected = Distribution { id: "debian".into(), codename: "bookworm".into() };
        assert_eq!(parse(text), Some(expected));
        assert_eq!(parse("ID=arch\n"), None);
    }
}
