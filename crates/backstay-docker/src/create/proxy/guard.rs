//! What Compose may ask of the engine while it creates containers.

use hyper::Method;

use crate::connection::decode;

/// What is done with a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It goes to the engine as it is.
    Pass,
    /// A list of containers, which is filtered.
    List,
    /// A container is created, under this name.
    Create(String),
    /// Files are put into this container.
    Archive(String),
    /// This container is started.
    Start(String),
    /// A container joins this network.
    Connect(String),
    /// It would do this, and must not.
    Refuse(String),
}

/// Judges a request. Whatever is not known to be harmless is refused.
pub(super) fn judge(method: &Method, path: &str, query: &str) -> Verdict {
    let path = unversioned(path);
    let parts: Vec<String> = path.trim_matches('/').split('/').map(decode).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    match (method.as_str(), parts.as_slice()) {
        ("GET", ["containers", "json"]) => Verdict::List,
        ("GET" | "HEAD", _) | ("POST", ["networks" | "volumes", "create"]) => Verdict::Pass,
        ("POST", ["containers", "create"]) => match parameter(query, "name") {
            Some(name) => Verdict::Create(name),
            None => Verdict::Refuse("create a container without a name".to_owned()),
        },
        ("PUT", ["containers", id, "archive"]) => Verdict::Archive((*id).to_owned()),
        ("POST", ["containers", id, "start"]) => Verdict::Start((*id).to_owned()),
        ("POST", ["networks", network, "connect"]) => Verdict::Connect((*network).to_owned()),
        ("DELETE", [kind @ ("containers" | "networks" | "volumes" | "images"), rest @ ..]) => {
            let kind = kind.trim_end_matches('s');
            Verdict::Refuse(format!("remove {kind} `{}`", rest.join("/")))
        }
        ("POST", ["containers", id, verb]) => Verdict::Refuse(format!("{verb} container `{id}`")),
        ("POST", ["networks", network, "disconnect"]) => {
            Verdict::Refuse(format!("disconnect a container from network `{network}`"))
        }
        ("POST", ["images", "create"]) => Verdict::Refuse("pull an image".to_owned()),
        ("POST", ["build"]) => Verdict::Refuse("build an image".to_owned()),
        (method, _) => Verdict::Refuse(format!("call {method} {path}")),
    }
}

/// The reference in the path of a look at an image.
pub(super) fn image_reference(path: &str) -> Option<String> {
    let reference = unversioned(path).strip_prefix("/images/")?.strip_suffix("/json")?;
    Some(decode(reference))
}

/// A path without the API version.
pub(super) fn unversioned(path: &str) -> &str {
    let Some(rest) = path.strip_prefix("/v") else { return path };
    let end = rest.find('/').unwrap_or(rest.len());
    let version = &rest[..end];
    let is_version =
        version.contains('.') && version.chars().all(|c| c.is_ascii_digit() || c == '.');
    if is_version { &rest[end..] } else { path }
}

/// The value of a parameter of a query.
pub(super) fn parameter(query: &str, name: &str) -> Option<String> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| decode(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(request: &str) -> Verdict {
        let (method, rest) = request.split_once(' ').unwrap();
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        judge(&method.parse().unwrap(), path, query)
    }

    #[test]
    fn what_compose_needs_passes() {
        for request in [
            "HEAD /_ping",
            "GET /v1.45/version",
            "GET /v1.45/images/shop-web/json",
            "GET /v1.45/containers/7b0c/json",
            "POST /v1.45/networks/create",
            "POST /volumes/create",
        ] {
            assert_eq!(verdict(request), Verdict::Pass, "{request}");
        }
        assert_eq!(verdict("GET /v1.45/containers/json?all=1"), Verdict::List);
        assert_eq!(
            verdict("POST /v1.45/containers/create?platform=x&name=shop-web-1"),
            Verdict::Create("shop-web-1".to_owned())
        );
        assert_eq!(
            verdict("PUT /v1.45/containers/7b0c/archive?path=%2F"),
            Verdict::Archive("7b0c".to_owned())
        );
        assert_eq!(
            verdict("POST /v1.43/networks/shop_back/connect"),
            Verdict::Connect("shop_back".to_owned())
        );
    }

    #[test]
    fn whatever_touches_what_exists_is_refused() {
        for (request, what) in [
            ("DELETE /v1.45/containers/7b0c?force=1", "remove container `7b0c`"),
            ("DELETE /v1.45/networks/shop_back", "remove network `shop_back`"),
            ("DELETE /v1.45/volumes/shop_data", "remove volume `shop_data`"),
            ("DELETE /v1.45/images/a/b:1", "remove image `a/b:1`"),
            ("POST /v1.45/containers/7b0c/stop?t=10", "stop container `7b0c`"),
            ("POST /v1.45/containers/7b0c/rename?name=x", "rename container `7b0c`"),
            ("POST /v1.45/containers/prune", "call POST /containers/prune"),
            ("POST /v1.45/networks/n/disconnect", "disconnect a container from network `n`"),
            ("POST /v1.45/images/create?fromImage=x", "pull an image"),
            ("POST /v1.45/build", "build an image"),
            ("POST /v1.45/session", "call POST /session"),
            ("POST /v1.45/containers/create", "create a container without a name"),
            ("POST /v1.45/swarm/leave", "call POST /swarm/leave"),
            ("PATCH /v1.45/containers/json", "call PATCH /containers/json"),
        ] {
            assert_eq!(verdict(request), Verdict::Refuse(what.to_owned()), "{request}");
        }
    }

    #[test]
    fn an_image_is_named_with_all_its_parts() {
        let of = |path: &str| image_reference(path).unwrap_or_default();
        assert_eq!(
            of("/v1.45/images/localhost:5000/a/b:1@sha256:0a/json"),
            "localhost:5000/a/b:1@sha256:0a"
        );
        assert_eq!(of("/images/a%2Fb%40sha256%3A0a/json"), "a/b@sha256:0a");
        assert_eq!(image_reference("/v1.45/images/json"), None);
    }

    #[test]
    fn a_path_is_not_disguised_by_its_encoding() {
        assert_eq!(
            verdict("DELETE /v1.45/%63ontainers/7b0c"),
            Verdict::Refuse("remove container `7b0c`".to_owned())
        );
        assert_eq!(unversioned("/volumes/create"), "/volumes/create");
        assert_eq!(unversioned("/v1.45"), "");
    }
}
