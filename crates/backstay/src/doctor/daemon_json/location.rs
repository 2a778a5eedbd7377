//! Where the engine's `daemon.json` is.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use backstay_docker::EngineFacts;

/// Which kind of engine reads the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A service of this machine.
    System,
    /// One that runs as a user.
    Rootless,
    /// Docker Desktop.
    Desktop,
}

/// The file, and which kind of engine reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) path: PathBuf,
    pub(crate) kind: Kind,
}

/// The file of this engine; `None` where it is on another machine. `named` is the user's own word.
pub(crate) fn place(
    facts: Option<&EngineFacts>,
    named: Option<&Path>,
    env: &dyn Fn(&str) -> Option<OsString>,
) -> Option<Place> {
    let kind = kind(facts);
    if let Some(path) = named {
        return Some(Place { path: path.to_owned(), kind });
    }
    if facts.is_some_and(|facts| !facts.local) {
        return None;
    }
    let home = || env("HOME").or_else(|| env("USERPROFILE")).map(PathBuf::from);
    let path = match kind {
        Kind::System => PathBuf::from("/etc/docker"),
        Kind::Rootless => match env("XDG_CONFIG_HOME").filter(|folder| !folder.is_empty()) {
            Some(folder) => PathBuf::from(folder).join("docker"),
            None => home()?.join(".config").join("docker"),
        },
        Kind::Desktop => home()?.join(".docker"),
    };
    Some(Place { path: path.join("daemon.json"), kind })
}

fn kind(facts: Option<&EngineFacts>) -> Kind {
    if !cfg!(target_os = "linux") {
        return Kind::Desktop;
    }
    let Some(info) = facts.map(|facts| &facts.info) else { return Kind::System };
    let system = info.get("OperatingSystem").and_then(|name| name.as_str()).unwrap_or_default();
    let options = info.get("SecurityOptions").and_then(|list| list.as_array());
    let options = options.into_iter().flatten().filter_map(|option| option.as_str());
    if system.contains("Docker Desktop") {
        Kind::Desktop
    } else if options.into_iter().any(|option| option.contains("rootless")) {
        Kind::Rootless
    } else {
        Kind::System
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn facts(local: bool, info: Value) -> EngineFacts {
        let (version, api, host) = ("26.1.5".into(), "1.45".into(), "unix:///x".into());
        EngineFacts { version, api, host, context: None, local, info }
    }

    #[test]
    fn each_kind_of_engine_has_its_own_place() {
        let env = |name: &str| (name == "HOME").then(|| OsString::from("/home/me"));
        let at = |info| place(Some(&facts(true, info)), None, &env).unwrap().path;
        assert_eq!(at(json!({})), Path::new("/etc/docker/daemon.json"));
        let rootless = json!({"SecurityOptions": ["name=seccomp", "name=rootless"]});
        assert_eq!(at(rootless), Path::new("/home/me/.config/docker/daemon.json"));
        let desktop = json!({"OperatingSystem": "Docker Desktop"});
        assert_eq!(at(desktop), Path::new("/home/me/.docker/daemon.json"));
    }

    #[test]
    fn an_engine_elsewhere_has_none_here_unless_it_is_named() {
        let far = facts(false, json!({}));
        assert_eq!(place(Some(&far), None, &|_| None), None);
        let named = place(Some(&far), Some(Path::new("/x.json")), &|_| None);
        assert_eq!(named.unwrap().path, Path::new("/x.json"));
    }
}
