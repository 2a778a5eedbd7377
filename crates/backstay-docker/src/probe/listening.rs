//! The TCP ports on which a container listens, from the kernel's own table.

use std::collections::BTreeSet;
use std::time::Duration;

use backstay_core::engine::EngineResult;
use serde_json::Value;
use tokio::time::timeout;

#[cfg(target_os = "linux")]
use super::diag;
use super::exec;
use super::place::{is_direct, mode};
use crate::connection::Connection;
use crate::containers::inspect_one;

/// How long a container may take to show the table.
const LIMIT: Duration = Duration::from_secs(3);

/// States of connections, as the kernel numbers them, a bit each: where somebody listens, and all of them. There may be more than was
/// asked for.
const LISTENING: u32 = 1 << 10;
pub(super) const ALL: u32 = 0xFFF;

/// From here on the kernel gives ports to whoever asks for any.
const EPHEMERAL: u16 = 32768;

/// The ports; `None` where they can't be found out, or are not the container's alone.
pub(crate) async fn of(engine: &Connection, id: &str) -> EngineResult<Option<BTreeSet<u16>>> {
    Ok(of_states(engine, id, LISTENING).await?.map(|table| ports(table.lines())))
}

/// The kernel's table of a container's connections.
pub(super) async fn table(engine: &Connection, id: &str) -> EngineResult<Option<String>> {
    of_states(engine, id, ALL).await
}

async fn of_states(engine: &Connection, id: &str, states: u32) -> EngineResult<Option<String>> {
    let Some(detail) = inspect_one(engine, id).await? else { return Ok(None) };
    let shares =
        ["host", "none"].contains(&mode(&detail)) || mode(&detail).starts_with("container:");
    if shares {
        return Ok(None);
    }
    let pid = detail.pointer("/State/Pid").and_then(Value::as_u64).filter(|pid| *pid > 0);
    if let Some(pid) = pid.filter(|_| is_direct(engine))
        && let Some(found) = tables(pid, id, states)
    {
        return Ok(Some(found));
    }
    let command = ["cat", "/proc/net/tcp", "/proc/net/tcp6"].map(str::to_owned);
    match timeout(LIMIT, exec::output(engine, id, &command)).await {
        Ok(Ok((_, lines))) if lines.iter().any(|line| line.contains("local_address")) => {
            Ok(Some(lines.join("\n")))
        }
        // An image without `cat`.
        _ => Ok(None),
    }
}

/// Who is connected to a port of a container, by the addresses as the kernel writes them; `None` where that can't be seen.
pub(super) fn connected(pid: u64, id: &str, port: u16) -> Option<BTreeSet<String>> {
    Some(peers(tables(pid, id, ALL)?.lines(), port))
}

/// Without a process in the container, where its processes are this system's.
fn tables(pid: u64, id: &str, states: u32) -> Option<String> {
    let read = |file: &str| std::fs::read_to_string(format!("/proc/{pid}/{file}"));
    // The number may be another system's.
    if !read("cgroup").ok()?.contains(id) && !read("mountinfo").ok()?.contains(id) {
        return None;
    }
    #[cfg(target_os = "linux")]
    if let Some(found) = diag::lines(pid, states) {
        return Some(found);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = states;
    Some(read("net/tcp").ok()? + &read("net/tcp6").unwrap_or_default())
}

/// The other ends of what is not merely listened on, also of what has just been closed.
fn peers<'a>(lines: impl Iterator<Item = &'a str>, port: u16) -> BTreeSet<String> {
    let ending = format!(":{port:04X}");
    let found = lines.filter_map(row);
    let found = found.filter(|row| row.local.ends_with(&ending) && row.state != LISTENS);
    found.map(|row| row.remote.to_owned()).collect()
}

/// A connection, or a place where one is waited for: addresses as the kernel writes them.
pub(super) struct Row<'a> {
    pub(super) local: &'a str,
    pub(super) remote: &'a str,
    pub(super) state: &'a str,
}

/// The state of one who waits for connections.
const LISTENS: &str = "0A";

pub(super) fn row(line: &str) -> Option<Row<'_>> {
    let mut words = line.split_whitespace().skip(1);
    Some(Row { local: words.next()?, remote: words.next()?, state: words.next()? })
}

/// Those of the lines of `/proc/net/tcp` and `/proc/net/tcp6` that others can reach.
pub(super) fn ports<'a>(lines: impl Iterator<Item = &'a str>) -> BTreeSet<u16> {
    let found = lines.filter_map(|line| {
        let Row { local, state, .. } = row(line)?;
        let (address, port) = local.split_once(':')?;
        let is_own = match address.len() {
            8 => address.ends_with("7F"),
            _ => {
                address.ends_with("01000000") && address.starts_with("000000000000000000000000")
                    || address.starts_with("0000000000000000FFFF0000") && address.ends_with("7F")
            }
        };
        let port = u16::from_str_radix(port, 16).ok()?;
        (state == LISTENS && !is_own && port < EPHEMERAL).then_some(port)
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ports_that_others_can_reach_count() {
        let table = "\
  sl  local_address rem_address   st tx_queue rx_queue
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000
   1: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000
   2: 0B00007F:A1B2 00000000:0000 0A 00000000:00000000 00:00000000
   3: 020013AC:1F91 030013AC:C001 01 00000000:00000000 00:00000000
   4: 00000000:C350 00000000:0000 0A 00000000:00000000 00:00000000
   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 0:0
   1: 00000000000000000000000001000000:0051 00000000000000000000000000000000:0000 0A 0:0
   2: 0000000000000000FFFF00000100007F:0052 00000000000000000000000000000000:0000 0A 0:0";
        assert_eq!(ports(table.lines()).into_iter().collect::<Vec<_>>(), [80, 8080]);
        assert_eq!(peers(table.lines(), 8081), ["030013AC:C001".to_owned()].into());
        assert!(peers(table.lines(), 8080).is_empty());
    }
}
