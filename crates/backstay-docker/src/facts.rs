//! What decides how a service is replaced: what its image says of itself, whether its containers listen, what memory is free.

use std::collections::BTreeSet;

use backstay_core::plan::ImageFacts;
use backstay_core::ports::{EngineResult, MemoryUse};
use futures_util::future::join_all;
use serde_json::Value;

use crate::connection::{Connection, encode};
use crate::containers::inspect_one;
use crate::{images, probe};

/// What an image says of itself.
pub(crate) async fn of_image(
    engine: &Connection,
    reference: &str,
) -> EngineResult<Option<ImageFacts>> {
    Ok(images::inspect(engine, reference).await?.as_ref().map(read))
}

fn read(image: &Value) -> ImageFacts {
    let config = image.get("Config").unwrap_or(&Value::Null);
    let keys = |key: &str| {
        let map = config.get(key).and_then(Value::as_object).into_iter().flatten();
        map.map(|(name, _)| name.clone())
    };
    let words = |key: &str| {
        let list = config.get(key).and_then(Value::as_array).into_iter().flatten();
        list.filter_map(Value::as_str).map(str::to_owned)
    };
    let variables = words("Env").filter_map(|line| Some(line.split_once('=')?.0.to_owned()));
    let port = |text: String| text.split('/').next()?.parse().ok();
    ImageFacts {
        volumes: keys("Volumes").collect(),
        ports: keys("ExposedPorts").filter_map(port).collect(),
        variables: variables.collect(),
        command: words("Entrypoint").chain(words("Cmd")).collect(),
    }
}

/// Whether a running container listens on a TCP port that others can reach.
pub(crate) async fn listens(engine: &Connection, id: &str) -> EngineResult<Option<bool>> {
    if !probe::is_direct(engine) {
        return Ok(None);
    }
    let detail = inspect_one(engine, id).await?.unwrap_or_default();
    let process = detail.pointer("/State/Pid").and_then(Value::as_u64).filter(|id| *id > 0);
    let Some(process) = process else { return Ok(None) };
    let table = |name: &str| std::fs::read_to_string(format!("/proc/{process}/net/{name}")).ok();
    let tables: Vec<String> = ["tcp", "tcp6"].into_iter().filter_map(table).collect();
    if tables.is_empty() {
        return Ok(None);
    }
    Ok(Some(tables.iter().any(|table| has_listener(table))))
}

/// Whether a table of [proc_net_tcp] has a socket that listens (state `0A`), and not on the loopback interface alone.
///
/// [proc_net_tcp]: https://docs.kernel.org/networking/proc_net_tcp.html
fn has_listener(table: &str) -> bool {
    table.lines().skip(1).any(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (Some(local), Some(&"0A")) = (fields.get(1), fields.get(3)) else { return false };
        let address = local.split(':').next().unwrap_or_default();
        // Hexadecimal, in the order of a little-endian machine.
        let is_loopback = address.len() == 8 && address.ends_with("7F")
            || address == "00000000000000000000000001000000";
        !is_loopback
    })
}

/// The memory that is free on this machine, and what containers use of it.
pub(crate) async fn memory(engine: &Connection, ids: &[String]) -> EngineResult<Option<MemoryUse>> {
    if !probe::is_direct(engine) {
        return Ok(None);
    }
    let Some(free) =
        std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| available(&text))
    else {
        return Ok(None);
    };
    let used = ids.iter().map(async |id| {
        let path = format!("/containers/{}/stats?stream=false&one-shot=true", encode(id));
        let found = engine.api().get("asking for memory", &path).await.ok().flatten()?;
        Some((id.clone(), used(&found)?))
    });
    let used = join_all(used).await.into_iter().flatten().collect();
    Ok(Some(MemoryUse { free, used }))
}

/// `MemAvailable` of `/proc/meminfo`, in bytes.
fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

/// As `docker stats` counts: without the files that the system may let go of.
fn used(stats: &Value) -> Option<u64> {
    let memory = stats.get("memory_stats")?;
    let usage = memory.get("usage").and_then(Value::as_u64)?;
    let cached = ["inactive_file", "total_inactive_file"];
    let cached = cached.into_iter().find_map(|key| memory.get("stats")?.get(key)?.as_u64());
    Some(usage.saturating_sub(cached.unwrap_or(0)))
}

/// The ids of a container's processes, as the host sees them.
pub(crate) async fn processes(engine: &Connection, id: &str) -> EngineResult<Vec<u32>> {
    let path = format!("/containers/{}/top", encode(id));
    let found = engine.api().get("listing processes", &path).await?.unwrap_or_default();
    let titles = found.get("Titles").and_then(Value::as_array).into_iter().flatten();
    let Some(column) = titles.into_iter().position(|title| title == "PID") else {
        return Ok(Vec::new());
    };
    let rows = found.get("Processes").and_then(Value::as_array).into_iter().flatten();
    let ids: BTreeSet<u32> =
        rows.filter_map(|row| row.get(column)?.as_str()?.trim().parse().ok()).collect();
    Ok(ids.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_an_image_says_is_read() {
        let facts = read(&json!({"Config": {
            "Volumes": {"/data": {}}, "ExposedPorts": {"5432/tcp": {}, "53/udp": {}},
            "Env": ["PATH=/bin", "PGDATA=/data"], "Entrypoint": ["run.sh"], "Cmd": ["postgres"]}}));
        assert_eq!(facts.ports, [53, 5432].into());
        assert_eq!(facts.volumes, ["/data".to_owned()].into());
        assert_eq!(facts.command, ["run.sh", "postgres"]);
        assert!(facts.variables.contains("PGDATA"));
        assert_eq!(read(&json!({"Config": {"Volumes": null}})), ImageFacts::default());
    }

    #[test]
    fn who_listens_for_others_is_told_from_who_listens_for_itself() {
        let head = "  sl  local_address rem_address   st tx_queue rx_queue\n";
        let row =
            |local: &str, state: &str| format!("{head}   0: {local} 00000000:0000 {state} 0\n");
        assert!(has_listener(&row("00000000:1F90", "0A")));
        assert!(has_listener(&row("00000000000000000000000000000000:1F90", "0A")));
        assert!(!has_listener(&row("0100007F:1F90", "0A")));
        // The engine's own name server.
        assert!(!has_listener(&row("0B00007F:9C45", "0A")));
        assert!(!has_listener(&row("030012AC:1F90", "01")));
        assert!(!has_listener(head));
    }

    #[test]
    fn memory_is_counted_without_what_can_be_let_go() {
        assert_eq!(available("MemTotal: 9 kB\nMemAvailable:    2048 kB\n"), Some(2 * 1024 * 1024));
        let stats = json!({"memory_stats": {"usage": 100, "stats": {"inactive_file": 30}}});
        assert_eq!(used(&stats), Some(70));
        assert_eq!(used(&json!({"memory_stats": {}})), None);
    }
}
