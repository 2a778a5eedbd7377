//! Which registry could not be reached, by the engine's words, and what helps.

use crate::i18n::{Language, t};

/// What an engine says of an address that it can't reach.
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

/// What helps where the engine's words say that something can't be reached.
pub(super) fn hint(lang: Language, words: &str) -> Option<String> {
    let is_told = |line: &&str| SIGNS.iter().any(|sign| line.contains(sign));
    let mut told = words.lines().filter(is_told).peekable();
    told.peek()?;
    Some(match told.find_map(registry) {
        Some(registry) if is_default(registry) => {
            t!(lang, "hint-registry-default", registry = registry)
        }
        Some(registry) if is_here(registry) => {
            t!(lang, "doctor-hint-local-registry", registry = registry)
        }
        Some(registry) => t!(lang, "hint-registry-other", registry = registry),
        None => t!(lang, "hint-registry"),
    })
}

/// Whether a registry is on this machine.
pub(crate) fn is_here(registry: &str) -> bool {
    let host = registry.rsplit_once(':').map_or(registry, |(host, _)| host);
    host == "localhost" || host.starts_with("127.") || host == "[::1]"
}

/// The registry that was asked, as in `Get "https://ghcr.io/v2/": dial tcp …`. Builds ask other servers too.
fn registry(line: &str) -> Option<&str> {
    let marks = ["\"https://", "\"http://"];
    let (_, rest) = marks.iter().find_map(|mark| line.split_once(*mark))?;
    let url = rest.split('"').next().unwrap_or_default();
    let (host, path) = url.split_once('/').unwrap_or((url, ""));
    let is_asked = path.starts_with("v2") || path.contains("token") || path.contains("repository");
    (is_asked || is_default(host)).then_some(host)
}

/// Whether it is the default one: the only one that `registry-mirrors` serves.
fn is_default(host: &str) -> bool {
    host == "docker.io" || host.ends_with(".docker.io") || host.ends_with(".docker.com")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_is_named_for_the_default_registry_only() {
        let hint = |words: &str| hint(Language::English, words).unwrap_or_default();
        let default = hint(
            "Error response from daemon: Get \"https://registry-1.docker.io/v2/\": dial tcp: \
             lookup registry-1.docker.io: no such host",
        );
        assert!(default.contains("`registry-1.docker.io`"), "{default}");
        assert!(default.contains("a mirror under `registry-mirrors`"), "{default}");
        let other = hint(
            "web: failed to do request: Head \"https://ghcr.io/v2/a/b/manifests/1\": dial tcp: \
             i/o timeout",
        );
        assert!(other.contains("`ghcr.io`") && other.contains("`FROM`"), "{other}");
        let here =
            hint("Get \"http://localhost:5000/v2/\": dial tcp [::1]:5000: connection refused");
        assert!(here.contains("localhost:5000"), "{here}");
        let unknown = hint("Get \"https://proxy.golang.org/x/@v/list\": dial tcp: i/o timeout");
        assert!(unknown.contains("`backstay doctor`"), "{unknown}");
        assert_eq!(hint("manifest unknown"), "");
    }
}
