//! Whether a container is found at the ports of the host that lead to it. That a connection is taken says nothing: engines hold the
//! port themselves. It has to arrive in the container.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use backstay_core::engine::{EngineResult, HostPorts};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::listening;
use super::place::is_direct;
use crate::connection::Connection;
use crate::containers::inspect_one;

/// How long a connection may take.
const LIMIT: Duration = Duration::from_secs(1);

/// How often it is tried: the way to a port is made while the container starts.
const TIMES: u32 = 3;

/// How often it is looked for in the container.
const LOOKS: u32 = 8;

/// The pause in between.
const PAUSE: Duration = Duration::from_millis(50);

/// Asks at each; only at those that lead to where the container listens.
pub(crate) async fn ports(engine: &Connection, id: &str) -> EngineResult<HostPorts> {
    let mut found = HostPorts::default();
    if !is_direct(engine) {
        return Ok(found);
    }
    let Some(detail) = inspect_one(engine, id).await? else { return Ok(found) };
    let published = published(&detail);
    if published.is_empty() {
        return Ok(found);
    }
    let Some(listens) = listening::of(engine, id).await? else { return Ok(found) };
    let Some(pid) = detail.pointer("/State/Pid").and_then(Value::as_u64) else { return Ok(found) };
    for (target, address, port) in published.into_iter().filter(|(to, ..)| listens.contains(to)) {
        let peers = || listening::connected(pid, id, target);
        match arrives(address, port, &peers).await {
            Some(true) => found.answered.insert(port),
            Some(false) => found.unanswered.insert(port),
            None => false,
        };
    }
    Ok(found)
}

/// Whether a connection comes to where `peers` are told; `None` where that can't be seen.
async fn arrives(
    address: IpAddr,
    port: u16,
    peers: &(dyn Fn() -> Option<BTreeSet<String>> + Send + Sync),
) -> Option<bool> {
    for _ in 0..TIMES {
        let before = peers()?;
        let made = timeout(LIMIT, TcpStream::connect((address, port))).await;
        let Ok(Ok(_open)) = made else {
            sleep(PAUSE).await;
            continue;
        };
        for _ in 0..LOOKS {
            if peers()?.difference(&before).next().is_some() {
                return Some(true);
            }
            sleep(PAUSE).await;
        }
    }
    Some(false)
}

/// Port of the container, address and port of the host.
fn published(detail: &Value) -> BTreeSet<(u16, IpAddr, u16)> {
    let bindings = detail.pointer("/HostConfig/PortBindings").and_then(Value::as_object);
    let bindings = bindings.into_iter().flatten().filter_map(|(target, list)| {
        Some((target.strip_suffix("/tcp")?.parse().ok()?, list.as_array()?))
    });
    let each = bindings.flat_map(|(target, list)| {
        list.iter().filter_map(move |binding| {
            let text = |key: &str| binding.get(key).and_then(Value::as_str).unwrap_or_default();
            let address = match text("HostIp") {
                "" | "0.0.0.0" => IpAddr::from([127, 0, 0, 1]),
                "::" => IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]),
                other => other.parse().ok()?,
            };
            Some((target, address, text("HostPort").parse().ok().filter(|port| *port > 0)?))
        })
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fixed_tcp_ports_of_this_host_are_asked() {
        let detail = json!({"HostConfig": {"PortBindings": {
            "80/tcp": [{"HostIp": "", "HostPort": "8080"}, {"HostIp": "::", "HostPort": "8080"}],
            "81/tcp": [{"HostIp": "0.0.0.0", "HostPort": ""}],
            "53/udp": [{"HostIp": "", "HostPort": "53"}],
            "82/tcp": [{"HostIp": "10.0.0.1", "HostPort": "8082"}]}}});
        let at = |text: &str| text.parse::<IpAddr>().unwrap();
        let wanted =
            [(80, at("127.0.0.1"), 8080), (80, at("::1"), 8080), (82, at("10.0.0.1"), 8082)];
        assert_eq!(published(&detail), wanted.into());
    }
}
