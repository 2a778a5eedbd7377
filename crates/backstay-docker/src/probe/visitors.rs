//! Who is connected to a container, from the kernel's own table.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use backstay_core::engine::EngineResult;
use serde_json::Value;

use super::listening::{Row, ports, row, table};
use crate::connection::Connection;
use crate::containers::inspect_one;

/// A connection that is open.
const ESTABLISHED: &str = "01";

/// Whether somebody other than the container `besides` is connected to a port on which a container listens; `None` where that
/// can't be seen.
pub(crate) async fn of(engine: &Connection, id: &str, besides: &str) -> EngineResult<Option<bool>> {
    let Some(table) = table(engine, id).await? else { return Ok(None) };
    let besides = inspect_one(engine, besides).await?.unwrap_or_default();
    let networks = besides.pointer("/NetworkSettings/Networks").and_then(Value::as_object);
    let known: BTreeSet<IpAddr> = networks
        .into_iter()
        .flat_map(|networks| networks.values())
        .flat_map(|endpoint| ["IPAddress", "GlobalIPv6Address"].map(|key| endpoint.get(key)))
        .filter_map(|address| address?.as_str()?.parse().ok())
        .collect();
    let is_other = |peer: &IpAddr| !peer.is_loopback() && !known.contains(peer);
    Ok(Some(peers(&table).iter().any(is_other)))
}

/// The other ends of what came to a port on which somebody listens.
fn peers(table: &str) -> Vec<IpAddr> {
    let listened = ports(table.lines());
    let found = table.lines().filter_map(|line| {
        let Row { local, remote, state } = row(line)?;
        let port = u16::from_str_radix(local.split_once(':')?.1, 16).ok()?;
        let came = state == ESTABLISHED && listened.contains(&port);
        came.then(|| address(remote.split_once(':')?.0)).flatten()
    });
    found.collect()
}

/// An address as the kernel writes it: words of four bytes in the machine's own order.
fn address(text: &str) -> Option<IpAddr> {
    let words: Vec<[u8; 4]> = (0..text.len() / 8)
        .map(|at| u32::from_str_radix(text.get(at * 8..at * 8 + 8)?, 16).ok())
        .map(|word| word.map(u32::to_ne_bytes))
        .collect::<Option<_>>()?;
    match words[..] {
        [one] => Some(Ipv4Addr::from(one).into()),
        [_, _, _, _] => {
            let bytes: [u8; 16] = words.concat().try_into().ok()?;
            Some(Ipv6Addr::from(bytes).to_canonical())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn only_what_came_and_is_open_counts() {
        let table = "\
  sl  local_address rem_address   st
   0: 00000000:1F90 00000000:0000 0A
   1: 020013AC:1F90 030013AC:C001 01
   2: 020013AC:1F90 040013AC:C001 06
   3: 020013AC:C002 050013AC:1538 01
   0: 0000000000000000FFFF0000020013AC:1F90 0000000000000000FFFF0000060013AC:C005 01";
        let found: Vec<String> = peers(table).iter().map(IpAddr::to_string).collect();
        assert_eq!(found, ["172.19.0.3", "172.19.0.6"]);
    }
}
