//! Where a container's port is to be found from here.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use backstay_core::engine::EngineResult;
use serde_json::Value;

use crate::connection::Connection;
use crate::containers::inspect_one;

/// Where a port is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Here.
    At(SocketAddr),
    /// The container has none; why.
    Nowhere(String),
    /// Nothing here leads to it; why.
    OutOfReach(String),
}

pub(super) async fn of(engine: &Connection, id: &str, port: u16) -> EngineResult<Place> {
    let Some(mut detail) = inspect_one(engine, id).await? else {
        return Ok(Place::Nowhere("the container is gone".to_owned()));
    };
    // In another's network it is found at the other's address.
    if let Some(other) = mode(&detail).strip_prefix("container:")
        && let Some(found) = inspect_one(engine, other).await?
    {
        detail = found;
    }
    Ok(find(&detail, port, engine.local, is_direct(engine)))
}

/// Whether containers' addresses lead to them from here: not where the engine has a machine or a network namespace of its
/// own.
pub(crate) fn is_direct(engine: &Connection) -> bool {
    let apart = ["/.docker/desktop/", "/run/user/", "/.colima/", "/.lima/", "/.rd/"];
    cfg!(target_os = "linux")
        && engine.local
        && !apart.iter().any(|part| engine.host.contains(part))
}

pub(super) fn mode(detail: &Value) -> &str {
    detail.pointer("/HostConfig/NetworkMode").and_then(Value::as_str).unwrap_or_default()
}

fn find(detail: &Value, port: u16, is_local: bool, is_direct: bool) -> Place {
    let here = |port| Place::At(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    match mode(detail) {
        "none" => return Place::Nowhere("the container has no network".to_owned()),
        "host" if is_direct => return here(port),
        _ => {}
    }
    if is_direct {
        let networks = detail.pointer("/NetworkSettings/Networks").and_then(Value::as_object);
        let mut addresses = networks.into_iter().flatten().flat_map(|(_, network)| {
            let at = |key: &str| network.get(key)?.as_str()?.parse::<IpAddr>().ok();
            [at("IPAddress"), at("GlobalIPv6Address")].into_iter().flatten()
        });
        return match addresses.next() {
            Some(address) => Place::At(SocketAddr::new(address, port)),
            None => Place::Nowhere("the container has no address".to_owned()),
        };
    }
    let bindings = detail.pointer(&format!("/NetworkSettings/Ports/{port}~1tcp"));
    let published = bindings
        .and_then(|list| list.get(0)?.get("HostPort")?.as_str()?.parse().ok())
        .filter(|_| is_local);
    match published {
        Some(port) => here(port),
        None if is_local => Place::OutOfReach(format!(
            "addresses of containers can't be reached from this system, and port {port} is not published on it"
        )),
        None => Place::OutOfReach("the engine is on another machine".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn detail(mode: &str) -> Value {
        json!({
            "HostConfig": {"NetworkMode": mode},
            "NetworkSettings": {
                "Networks": {"a": {"IPAddress": ""}, "b": {"IPAddress": "172.20.0.3"}},
                "Ports": {"8080/tcp": [{"HostIp": "0.0.0.0", "HostPort": "18080"}]},
            },
        })
    }

    fn at(text: &str) -> Place {
        Place::At(text.parse().unwrap())
    }

    #[test]
    fn beside_the_engine_the_containers_own_address_is_asked() {
        assert_eq!(find(&detail("shop_default"), 8080, true, true), at("172.20.0.3:8080"));
        assert_eq!(find(&detail("host"), 8080, true, true), at("127.0.0.1:8080"));
        assert!(matches!(find(&detail("none"), 8080, true, true), Place::Nowhere(_)));
    }

    #[test]
    fn where_only_host_ports_lead_in_the_published_one_is_asked() {
        assert_eq!(find(&detail("shop_default"), 8080, true, false), at("127.0.0.1:18080"));
        assert!(matches!(find(&detail("x"), 9090, true, false), Place::OutOfReach(_)));
        assert!(matches!(find(&detail("x"), 8080, false, false), Place::OutOfReach(_)));
    }
}
