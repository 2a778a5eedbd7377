//! What to do, on this platform.

use backstay_core::ops::{REMOVE_REMAINS, RESTART_ENGINE};

use crate::i18n::{Language, t};

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

/// How to start Docker.
pub(super) fn start(lang: Language) -> String {
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
    let bare = port.split('/').next().unwrap_or(port);
    let bare = bare.rsplit(':').next().unwrap_or(bare);
    if cfg!(windows) {
        t!(lang, "hint-port-windows", port = bare)
    } else if cfg!(target_os = "macos") {
        t!(lang, "hint-port-macos", port = bare)
    } else {
        t!(lang, "hint-port-linux", port = bare)
    }
}

/// What helps when a registry can't be reached, where the engine's words say so.
pub(super) fn registry(lang: Language, words: &str) -> Option<String> {
    const SIGNS: [&str; 8] = [
        "dial tcp",
        "i/o timeout",
        "TLS handshake timeout",
        "no such host",
        "connection refused",
        "failed to do request",
        "Client.Timeout",
        "network is unreachable",
    ];
    SIGNS.iter().any(|sign| words.contains(sign)).then(|| t!(lang, "hint-registry"))
}
