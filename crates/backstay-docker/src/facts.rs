//! What decides how a service is replaced: what its image says of itself, what memory is free.

use std::collections::BTreeSet;

use backstay_core::engine::{EngineErrorKind, EngineResult, ImageFacts, MemoryUse};
use backstay_core::plan::is_routed_by;
use futures_util::future::join_all;
use serde_json::Value;

use crate::connection::{Connection, encode};
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
        labels: keys("Labels").filter(|name| is_routed_by(name)).collect(),
        checks: config.pointer("/Healthcheck/Test/0").is_some_and(|kind| kind != "NONE"),
    }
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
    let mut asks = Vec::new();
    for id in ids {
        asks.push(use_of(engine, id));
    }
    let used = join_all(asks).await.into_iter().flatten().collect();
    Ok(Some(MemoryUse { free, used }))
}

async fn use_of(engine: &Connection, id: &str) -> Option<(String, u64)> {
    let path = format!("/containers/{}/stats?stream=false&one-shot=true", encode(id));
    let found = engine.api().get("asking for memory", &path).await.ok().flatten()?;
    Some((id.to_owned(), used(&found)?))
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

/// The ids of a container's processes; `None` where they can't be listed.
pub(crate) async fn processes(engine: &Connection, id: &str) -> EngineResult<Option<Vec<u32>>> {
    // Docker runs `ps` on the host, Podman in the container, where mostly none is. Asked for one column, Podman looks by itself,
    // and Docker's `ps` does not understand it.
    for query in ["", "?ps_args=pid"] {
        let path = format!("/containers/{}/top{query}", encode(id));
        match engine.api().get("listing processes", &path).await {
            Ok(found) => return Ok(found.as_ref().and_then(listed)),
            Err(error) if error.kind == EngineErrorKind::Other => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

fn listed(found: &Value) -> Option<Vec<u32>> {
    let titles = found.get("Titles").and_then(Value::as_array).into_iter().flatten();
    let column = titles.into_iter().position(|title| title == "PID")?;
    let rows = found.get("Processes").and_then(Value::as_array).into_iter().flatten();
    let ids: BTreeSet<u32> =
        rows.filter_map(|row| row.get(column)?.as_str()?.trim().parse().ok()).collect();
    Some(ids.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_an_image_says_is_read() {
        let facts = read(&json!({"Config": {
            "Volumes": {"/data": {}}, "ExposedPorts": {"5432/tcp": {}, "53/udp": {}},
            "Labels": {"traefik.enable": "true", "maintainer": "x"},
            "Env": ["PATH=/bin", "PGDATA=/data"], "Healthcheck": {"Test": ["CMD", "/ok"]}, "Entrypoint": ["run.sh"], "Cmd": ["postgres"]}}));
        assert_eq!(facts.ports, [53, 5432].into());
        assert_eq!(facts.volumes, ["/data".to_owned()].into());
        assert_eq!(facts.command, ["run.sh", "postgres"]);
        assert!(facts.variables.contains("PGDATA") && facts.checks);
        assert_eq!(facts.labels, ["traefik.enable".to_owned()].into());
        let none = read(&json!({"Config": {"Healthcheck": {"Test": ["NONE"]}}}));
        assert!(!none.checks);
        assert_eq!(read(&json!({"Config": {"Volumes": null}})), ImageFacts::default());
    }

    #[test]
    fn processes_are_found_by_the_name_of_their_column() {
        let docker = json!({"Titles": ["UID", "PID", "PPID"], "Processes": [["root", "20", "1"], ["root", "7", "1"]]});
        assert_eq!(listed(&docker), Some(vec![7, 20]));
        assert_eq!(listed(&json!({"Titles": ["PID"], "Processes": [["1"]]})), Some(vec![1]));
        assert_eq!(listed(&json!({"Titles": ["USER"], "Processes": [["root"]]})), None);
    }

    #[test]
    fn memory_is_counted_without_what_can_be_let_go() {
        assert_eq!(available("MemTotal: 9 kB\nMemAvailable:    2048 kB\n"), Some(2 * 1024 * 1024));
        let stats = json!({"memory_stats": {"usage": 100, "stats": {"inactive_file": 30}}});
        assert_eq!(used(&stats), Some(70));
        assert_eq!(used(&json!({"memory_stats": {}})), None);
    }
}
