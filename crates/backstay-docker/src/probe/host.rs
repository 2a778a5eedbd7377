//! Whether a container is found at the ports of the host that lead to it.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use backstay_core::ports::{EngineResult, HostPorts};
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

/// The pause in between.
const PAUSE: Duration = Duration::from_millis(300);

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
    for (address, port) in published
        .into_iter()
        .filter_map(|(target, address, port)| listens.contains(&target).then_some((address, port)))
    {
        let list =
            if answers(address, port).await { &mut found.answered } else { &mut found.unanswered };
        list.insert(port);
    }
    Ok(found)
}

async fn answers(address: IpAddr, port: u16) -> bool {
    for time in 0..TIMES {
        if time > 0 {
            sleep(PAUSE).await;
        }
        if timeout(LIMIT, TcpStream::connect((address, port))).await.is_ok_and(|made| made.is_ok())
        {
            return true;
        }
    }
    false
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
