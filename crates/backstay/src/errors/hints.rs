//! What to do, on this platform.

use std::path::Path;

use backstay_core::ops::{REMOVE_REMAINS, RESTART_ENGINE};
use backstay_docker::{Choice, chosen};

use crate::i18n::{Language, t};
use crate::state_place;

/// How to install Docker.
pub(super) fn install(lang: Language) -> String {
    if cfg!(windows) {
        t!(lang, "hint-install-windows")
    } else if cfg!(target_os = "macos") {
        t!(lang, "hint-install-macos")
    } else {
        t!(lang, "hint-install-linux")
    }
}

/// What to do where no engine answers. Where another one is named than that of this machine, it
/// would not help to start the one here.
pub(super) fn reach(lang: Language, address: Option<&str>) -> Vec<String> {
    const USUAL: [&str; 3] = [
        "unix:///var/run/docker.sock",
        "unix:///run/docker.sock",
        "npipe:////./pipe/docker_engine",
    ];
    let named = match chosen() {
        Choice::Host(host) if !USUAL.contains(&host.as_str()) => {
            t!(lang, "hint-docker-host", host = host)
        }
        // Docker Desktop makes a context, and uses it.
        Choice::Context(name) if cfg!(target_os = "linux") || !name.starts_with("desktop-") => {
            t!(lang, "hint-docker-context", context = name)
        }
        _ => return vec![start(lang)],
    };
    let is_rootless = address.is_some_and(|address| address.starts_with("unix:///run/user/"));
    let start = is_rootless.then(|| t!(lang, "hint-start-rootless"));
    start.into_iter().chain([named]).collect()
}

/// How to start Docker.
fn start(lang: Language) -> String {
    if cfg!(windows) {
        t!(lang, "hint-start-windows")
    } else if cfg!(target_os = "macos") {
        t!(lang, "hint-start-macos")
    } else {
        t!(lang, "hint-start-linux")
    }
}

/// How to be let in.
pub(super) fn permission(lang: Language) -> String {
    if cfg!(windows) {
        t!(lang, "hint-permission-windows")
    } else if cfg!(target_os = "macos") {
        t!(lang, "hint-permission-macos")
    } else {
        t!(lang, "hint-permission-linux")
    }
}

/// How to install Compose.
pub(super) fn compose(lang: Language) -> String {
    if cfg!(any(windows, target_os = "macos")) {
        t!(lang, "hint-compose-desktop")
    } else {
        t!(lang, "hint-compose-linux")
    }
}

/// What the commands do that lead out. `first` is the first of them.
pub(super) fn stuck(lang: Language, first: Option<&String>) -> String {
    match first {
        Some(line) if line == RESTART_ENGINE => t!(lang, "hint-stuck-engine"),
        Some(line) if line.starts_with(REMOVE_REMAINS) => t!(lang, "hint-stuck-remains"),
        _ => t!(lang, "hint-stuck"),
    }
}

/// How to find who has a port. `port` may have an address before it and a protocol behind it.
pub(crate) fn port(lang: Language, port: &str) -> String {
    let (bare, protocol) = port.split_once('/').unwrap_or((port, "tcp"));
    let bare = bare.rsplit(':').next().unwrap_or(bare);
    let is_udp = protocol == "udp";
    if cfg!(windows) {
        // It lists both protocols.
        t!(lang, "hint-port-windows", port = bare)
    } else if cfg!(target_os = "macos") {
        let filter = match is_udp {
            true => format!("-iUDP:{bare}"),
            false => format!("-iTCP:{bare} -sTCP:LISTEN"),
        };
        t!(lang, "hint-port-macos", filter = filter, port = bare)
    } else {
        let flags = if is_udp { "-lunp" } else { "-ltnp" };
        t!(lang, "hint-port-linux", flags = flags, port = bare)
    }
}

/// What to do about a file system on which `path` can't be written.
pub(super) fn read_only(lang: Language, path: &Path) -> String {
    match state_place::around(path) {
        Some(_) => t!(lang, "hint-read-only-state"),
        None => t!(lang, "hint-read-only"),
    }
}

/// Who may write what this user may not.
pub(crate) fn not_permitted(lang: Language, path: &Path) -> String {
    match state_place::around(path) {
        Some(root) => {
            let root = root.to_string_lossy().into_owned();
            t!(lang, "hint-not-permitted-state", root = root)
        }
        None => t!(lang, "hint-not-permitted"),
    }
}
