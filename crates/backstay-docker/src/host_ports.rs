//! Host ports that somebody outside of a project holds.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};
use std::{io, iter};

use backstay_core::engine::{EngineResult, PortClaim, PortConflict};
use backstay_core::stack::Port;
use serde_json::{Value, json};

use crate::connection::Connection;
use crate::container::label;
use crate::containers::{inspect_some, summaries};

/// A published port of a running container.
#[derive(Debug)]
struct Held {
    container: String,
    project: Option<String>,
    address: Option<IpAddr>,
    port: u16,
    protocol: String,
}

/// Which claims can't be met. A range is a conflict when none of its ports is free.
pub(crate) async fn conflicts(
    engine: &Connection,
    project: &str,
    claims: &[PortClaim],
) -> EngineResult<Vec<PortConflict>> {
    if claims.iter().all(|claim| claim.port.published.is_none()) {
        return Ok(Vec::new());
    }
    let running = summaries(engine, "looking at host ports", &json!({}), false).await?;
    let mut held: Vec<Held> = running.iter().flat_map(held_by).collect();
    let found = |held: &[Held]| -> Vec<PortConflict> {
        claims.iter().filter_map(|claim| conflict(claim, project, held, engine.local)).collect()
    };
    let conflicts = found(&held);
    if conflicts.iter().all(|conflict| conflict.container.is_some()) {
        return Ok(conflicts);
    }
    // Podman's list has only the first one of ports that follow each other; what it says of a container has all of them.
    let ids = running.iter().filter_map(|summary| summary.get("Id")?.as_str()).map(str::to_owned);
    let details = inspect_some(engine, &ids.collect::<Vec<_>>()).await?;
    held.extend(details.iter().flat_map(held_in_full));
    Ok(found(&held))
}

fn conflict(
    claim: &PortClaim,
    project: &str,
    held: &[Held],
    try_bind: bool,
) -> Option<PortConflict> {
    let (first, last) = claim.port.published?;
    let mut taken = None;
    for number in first..=last {
        let holder = holder(&claim.port, number, project, held, try_bind)?;
        taken.get_or_insert((number, holder));
    }
    let (number, container) = taken?;
    let address = claim.port.host_ip.as_ref().map(|ip| format!("{ip}:")).unwrap_or_default();
    let port = format!("{address}{number}/{}", claim.port.protocol);
    Some(PortConflict { service: claim.service.clone(), port, container })
}

/// Who has the port: a container outside of the project, or (`Some(None)`) another process. `None` where it is free or the
/// project's own.
fn holder(
    port: &Port,
    number: u16,
    project: &str,
    held: &[Held],
    try_bind: bool,
) -> Option<Option<String>> {
    let wanted = port.host_ip.as_deref().and_then(|ip| ip.parse().ok());
    let mut overlapping = held.iter().filter(|held| {
        held.port == number && held.protocol == port.protocol && overlap(held.address, wanted)
    });
    let own = |held: &Held| held.project.as_deref() == Some(project);
    if let Some(foreign) = overlapping.clone().find(|held| !own(held)) {
        return Some(Some(foreign.container.clone()));
    }
    if overlapping.any(own) || !try_bind || !is_taken(&port.protocol, wanted, number) {
        return None;
    }
    Some(None)
}

/// Whether two addresses can't both have the same port; `None` is any address.
fn overlap(a: Option<IpAddr>, b: Option<IpAddr>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) if !a.is_unspecified() && !b.is_unspecified() => a == b,
        (Some(a), Some(b)) => {
            // `0.0.0.0` does not cover IPv6 addresses, nor `::` IPv4 ones: the engine publishes each by itself.
            a.is_ipv4() == b.is_ipv4()
        }
        _ => true,
    }
}

/// Whether a bind fails because the address is in use. Any other failure (a privileged port, an address of another
/// machine) says nothing.
fn is_taken(protocol: &str, address: Option<IpAddr>, port: u16) -> bool {
    let every = [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)];
    let addresses: Vec<IpAddr> =
        address.map_or_else(|| every.to_vec(), |one| iter::once(one).collect());
    addresses.into_iter().map(|address| SocketAddr::new(address, port)).any(|address| {
        let bound = match protocol {
            "tcp" => TcpListener::bind(address).map(drop),
            "udp" => UdpSocket::bind(address).map(drop),
            _ => return false,
        };
        bound.is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse)
    })
}

fn held_by(summary: &Value) -> Vec<Held> {
    let names = summary.get("Names").and_then(Value::as_array);
    let name = names.into_iter().flatten().filter_map(Value::as_str).next().unwrap_or_default();
    let project = summary.get("Labels").and_then(|labels| labels.get(label::PROJECT));
    let project = project.and_then(Value::as_str);
    let ports = summary.get("Ports").and_then(Value::as_array);
    let held = ports.into_iter().flatten().filter_map(|port| {
        Some(Held {
            container: name.trim_start_matches('/').to_owned(),
            project: project.map(str::to_owned),
            address: port.get("IP").and_then(Value::as_str).and_then(|ip| ip.parse().ok()),
            port: u16::try_from(port.get("PublicPort")?.as_u64()?).ok()?,
            protocol: port.get("Type").and_then(Value::as_str).unwrap_or("tcp").to_owned(),
        })
    });
    held.collect()
}

/// The same of what the engine says of one container in full.
fn held_in_full(detail: &Value) -> Vec<Held> {
    let text = |path: &str| detail.pointer(path).and_then(Value::as_str);
    let name = text("/Name").unwrap_or_default().trim_start_matches('/');
    let labels = detail.pointer("/Config/Labels");
    let project = labels.and_then(|labels| labels.get(label::PROJECT)?.as_str());
    let ports = detail.pointer("/NetworkSettings/Ports").and_then(Value::as_object);
    let mut held = Vec::new();
    for (target, bindings) in ports.into_iter().flatten() {
        let protocol = target.split_once('/').map_or("tcp", |(_, protocol)| protocol);
        for binding in bindings.as_array().into_iter().flatten() {
            let text = |key: &str| binding.get(key).and_then(Value::as_str).unwrap_or_default();
            let Ok(port) = text("HostPort").parse() else { continue };
            held.push(Held {
                container: name.to_owned(),
                project: project.map(str::to_owned),
                address: text("HostIp").parse().ok(),
                port,
                protocol: protocol.to_owned(),
            });
        }
    }
    held
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(host_ip: Option<&str>, first: u16, last: u16) -> PortClaim {
        let port = Port {
            host_ip: host_ip.map(str::to_owned),
            published: Some((first, last)),
            target: 80,
            protocol: "tcp".to_owned(),
        };
        PortClaim { service: "web".to_owned(), port }
    }

    fn running() -> Vec<Held> {
        let summaries = json!([
            {"Names": ["/other"], "Labels": {"com.docker.compose.project": "x"}, "Ports": [
                {"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
                {"IP": "127.0.0.1", "PrivatePort": 80, "PublicPort": 8090, "Type": "tcp"},
                {"PrivatePort": 99, "Type": "tcp"}]},
            {"Names": ["/mine"], "Labels": {"com.docker.compose.project": "shop"}, "Ports": [
                {"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 8081, "Type": "tcp"}]},
        ]);
        summaries.as_array().unwrap().iter().flat_map(held_by).collect()
    }

    fn found(claim: &PortClaim) -> Option<(String, Option<String>)> {
        conflict(claim, "shop", &running(), false).map(|found| (found.port, found.container))
    }

    #[test]
    fn only_what_others_hold_on_the_same_address_is_a_conflict() {
        let other = Some("other".to_owned());
        assert_eq!(found(&claim(None, 8080, 8080)), Some(("8080/tcp".to_owned(), other.clone())));
        assert_eq!(
            found(&claim(Some("10.0.0.1"), 8080, 8080)),
            Some(("10.0.0.1:8080/tcp".to_owned(), other.clone()))
        );
        assert_eq!(found(&claim(Some("::1"), 8080, 8080)), None);
        assert_eq!(found(&claim(Some("10.0.0.1"), 8090, 8090)), None);
        assert_eq!(found(&claim(None, 8090, 8090)), Some(("8090/tcp".to_owned(), other)));
        assert_eq!(found(&claim(None, 8081, 8081)), None);
        assert_eq!(found(&claim(None, 99, 99)), None);
    }

    #[test]
    fn a_range_with_a_free_port_is_no_conflict() {
        assert_eq!(found(&claim(None, 8080, 8082)), None);
    }

    #[test]
    fn ports_that_follow_each_other_are_all_in_what_is_said_in_full() {
        let detail = json!({
            "Name": "/mine", "Config": {"Labels": {"com.docker.compose.project": "shop"}},
            "NetworkSettings": {"Ports": {
                "8080/tcp": [{"HostIp": "", "HostPort": "8080"}],
                "8081/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8081"}], "9000/udp": null}}});
        let mut held = held_in_full(&detail);
        held.sort_by_key(|held| held.port);
        let said: Vec<_> = held.iter().map(|held| (held.port, held.address)).collect();
        assert_eq!(said, [(8080, None), (8081, Some(IpAddr::V4(Ipv4Addr::LOCALHOST)))]);
        assert!(
            held.iter().all(|held| {
                held.container == "mine" && held.project.as_deref() == Some("shop")
            })
        );
    }

    #[test]
    fn another_process_is_found_by_trying() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let claim = claim(Some("127.0.0.1"), port, port);
        assert_eq!(conflict(&claim, "shop", &[], true).unwrap().container, None);
        drop(listener);
        assert_eq!(conflict(&claim, "shop", &[], true), None);
    }
}
