//! What a container says of itself: its healthcheck and its ports.

use std::time::Duration;

use backstay_core::engine::OwnChecks;
use backstay_core::stack::{Check, Probe};
use serde_json::Value;

/// What the engine takes where a healthcheck does not say.
const INTERVAL: Duration = Duration::from_secs(30);
const RETRIES: u32 = 3;

/// From what `docker inspect` prints.
pub(super) fn read(detail: &Value) -> OwnChecks {
    let ports = detail.pointer("/Config/ExposedPorts").and_then(Value::as_object);
    let ports = ports.into_iter().flat_map(|ports| ports.keys());
    OwnChecks {
        healthcheck: detail.pointer("/Config/Healthcheck").and_then(|own| probe(own, detail)),
        ports: ports.filter_map(|port| port.strip_suffix("/tcp")?.parse().ok()).collect(),
    }
}

fn probe(own: &Value, detail: &Value) -> Option<Probe> {
    let test: Vec<String> = texts(own.get("Test"));
    let command = match test.split_first()? {
        (kind, words) if kind == "CMD" && !words.is_empty() => words.to_vec(),
        (kind, [text, ..]) if kind == "CMD-SHELL" => {
            let mut shell = texts(detail.pointer("/Config/Shell"));
            if shell.is_empty() {
                shell = ["/bin/sh", "-c"].map(str::to_owned).to_vec();
            }
            shell.push(text.clone());
            shell
        }
        // `NONE`.
        _ => return None,
    };
    let time = |key: &str| own.get(key).and_then(Value::as_u64).filter(|nanos| *nanos > 0);
    let time = |key: &str| time(key).map(Duration::from_nanos);
    let retries = own.get("Retries").and_then(Value::as_u64).filter(|retries| *retries > 0);
    Some(Probe {
        check: Check::Exec(command),
        interval: time("Interval").unwrap_or(INTERVAL),
        timeout: time("Timeout").unwrap_or(INTERVAL),
        retries: retries.map_or(RETRIES, |retries| u32::try_from(retries).unwrap_or(u32::MAX)),
        start_period: time("StartPeriod").unwrap_or_default(),
    })
}

fn texts(list: Option<&Value>) -> Vec<String> {
    let list = list.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn command(config: &Value) -> Option<Vec<String>> {
        match read(&json!({"Config": config})).healthcheck?.check {
            Check::Exec(command) => Some(command),
            _ => None,
        }
    }

    #[test]
    fn the_healthcheck_is_asked_as_the_engine_asks_it() {
        let words = json!({"Healthcheck": {"Test": ["CMD", "redis-cli", "ping"]}});
        assert_eq!(command(&words).unwrap(), ["redis-cli", "ping"]);
        let text = json!({"Healthcheck": {"Test": ["CMD-SHELL", "a || b"]}});
        assert_eq!(command(&text).unwrap(), ["/bin/sh", "-c", "a || b"]);
        let shell =
            json!({"Shell": ["/bin/bash", "-ec"], "Healthcheck": {"Test": ["CMD-SHELL", "a"]}});
        assert_eq!(command(&shell).unwrap(), ["/bin/bash", "-ec", "a"]);
        assert_eq!(command(&json!({"Healthcheck": {"Test": ["NONE"]}})), None);
        assert_eq!(command(&json!({})), None);
    }

    #[test]
    fn what_a_healthcheck_does_not_say_is_the_engines_default() {
        let own = json!({"Config": {
            "Healthcheck": {"Test": ["CMD", "x"], "StartPeriod": 5_000_000_000_u64, "Retries": 0},
            "ExposedPorts": {"80/tcp": {}, "53/udp": {}}}});
        let own = read(&own);
        let probe = own.healthcheck.unwrap();
        assert_eq!((probe.interval, probe.timeout, probe.retries), (INTERVAL, INTERVAL, 3));
        assert_eq!(probe.start_period, Duration::from_secs(5));
        assert_eq!(own.ports.into_iter().collect::<Vec<_>>(), [80]);
    }
}
