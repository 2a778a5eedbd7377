//! Reading one service out of the resolved model.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::dollars::single;
use super::duration::parse_duration;
use super::follow::follow;
use super::hook::Hooks;
use super::place::number;
use super::port::Port;
use super::probe::probes;
use super::said_data::of_service;
use super::service::{
    BuildSection, Condition, Dependency, FailureAction, Healthcheck, Mount, MountKind, Order,
    Restart, Service, ServiceNetwork, UpdateConfig,
};
use crate::error::{Error, Result};

impl Service {
    pub(super) fn from_value(project: &str, name: &str, raw: &Value) -> Result<Self> {
        let field = Field { service: name, raw };
        let deploy = raw.get("deploy").unwrap_or(&Value::Null);
        let replicas = deploy.get("replicas").or_else(|| raw.get("scale")).and_then(number);
        let own = |key: &str| raw.get("x-backstay").and_then(|own| own.get(key));
        let ports = field.ports()?;
        let mounts = mounts(raw);
        let build = raw.get("build").map(|build| BuildSection { tags: strings(build.get("tags")) });
        Ok(Self {
            name: name.to_owned(),
            image: text(raw, "image").unwrap_or_else(|| format!("{project}-{name}")),
            build,
            container_name: text(raw, "container_name"),
            replicas: replicas
                .map_or(Ok(1), u32::try_from)
                .map_err(|_| field.error("deploy.replicas"))?,
            depends_on: depends_on(raw),
            probes: probes(name, own("health"), &ports)?,
            follow: follow(name, own("follow"))?,
            ports,
            network_mode: text(raw, "network_mode"),
            borrows: borrows(raw),
            networks: networks(raw),
            healthcheck: field.healthcheck()?,
            restart: restart(raw, deploy),
            data: of_service(name, own("data"), &mounts)?,
            mounts,
            update: field.update("update_config")?,
            rollback: field.update("rollback_config")?,
            stop_grace: field
                .duration(raw, "stop_grace_period")?
                .unwrap_or(Duration::from_secs(10)),
            pull_policy: text(raw, "pull_policy"),
            configs: sources(raw, "configs"),
            secrets: sources(raw, "secrets"),
            hooks: Hooks::of(raw),
            raw: raw.clone(),
        })
    }
}

/// A service's definition with its name, so that an error can say where it is.
struct Field<'a> {
    service: &'a str,
    raw: &'a Value,
}

impl Field<'_> {
    fn error(&self, key: &str) -> Error {
        Error::Model(format!(
            "services.{}.{key} is not a value that the Compose Specification allows",
            self.service
        ))
    }

    fn duration(&self, section: &Value, key: &str) -> Result<Option<Duration>> {
        text(section, key)
            .map(|value| parse_duration(&value).map_err(|_| self.error(key)))
            .transpose()
    }

    fn healthcheck(&self) -> Result<Option<Healthcheck>> {
        let Some(check) = self.raw.get("healthcheck") else { return Ok(None) };
        let test = strings(check.get("test"));
        let disabled = check.get("disable").and_then(Value::as_bool).unwrap_or(false);
        if disabled || test.first().is_some_and(|word| word == "NONE") {
            return Ok(None);
        }
        let retries = check.get("retries").and_then(number).unwrap_or(3);
        Ok(Some(Healthcheck {
            interval: self.duration(check, "interval")?.unwrap_or(Duration::from_secs(30)),
            timeout: self.duration(check, "timeout")?.unwrap_or(Duration::from_secs(30)),
            retries: u32::try_from(retries).map_err(|_| self.error("healthcheck.retries"))?,
            start_period: self.duration(check, "start_period")?.unwrap_or(Duration::ZERO),
        }))
    }

    fn update(&self, key: &str) -> Result<UpdateConfig> {
        let Some(config) = self.raw.get("deploy").and_then(|deploy| deploy.get(key)) else {
            return Ok(UpdateConfig::default());
        };
        let error = |part: &str| self.error(&format!("deploy.{key}.{part}"));
        let order = match text(config, "order").as_deref() {
            None => None,
            Some("start-first") => Some(Order::StartFirst),
            Some("stop-first") => Some(Order::StopFirst),
            Some(_) => return Err(error("order")),
        };
        let failure_action = match text(config, "failure_action").as_deref() {
            None => None,
            Some("continue") => Some(FailureAction::Continue),
            Some("rollback") => Some(FailureAction::Rollback),
            Some("pause") => Some(FailureAction::Pause),
            Some(_) => return Err(error("failure_action")),
        };
        let max_failure_ratio = config.get("max_failure_ratio").and_then(float).unwrap_or(0.0);
        if !(0.0..=1.0).contains(&max_failure_ratio) {
            return Err(error("max_failure_ratio"));
        }
        let parallelism = config.get("parallelism").and_then(number);
        Ok(UpdateConfig {
            parallelism: parallelism
                .map(u32::try_from)
                .transpose()
                .map_err(|_| error("parallelism"))?,
            delay: self.duration(config, "delay")?,
            failure_action,
            monitor: self.duration(config, "monitor")?,
            max_failure_ratio,
            order,
        })
    }

    fn ports(&self) -> Result<Vec<Port>> {
        let list = self.raw.get("ports").and_then(Value::as_array).into_iter().flatten();
        list.map(|port| {
            let target = port.get("target").and_then(number).and_then(|n| u16::try_from(n).ok());
            let published = match text(port, "published").filter(|text| !text.is_empty()) {
                None => None,
                Some(range) => {
                    let (first, last) = range.split_once('-').unwrap_or((&range, &range));
                    let parse =
                        |text: &str| text.parse::<u16>().map_err(|_| self.error("ports.published"));
                    Some((parse(first)?, parse(last)?)).filter(|(first, _)| *first != 0)
                }
            };
            Ok(Port {
                host_ip: text(port, "host_ip").filter(|ip| !ip.is_empty()),
                published,
                target: target.ok_or_else(|| self.error("ports.target"))?,
                protocol: text(port, "protocol").unwrap_or_else(|| "tcp".to_owned()),
            })
        })
        .collect()
    }
}

fn depends_on(raw: &Value) -> BTreeMap<String, Dependency> {
    entries(raw, "depends_on")
        .map(|(name, body)| {
            let condition = match body.get("condition").and_then(Value::as_str) {
                Some("service_healthy") => Condition::ServiceHealthy,
                Some("service_completed_successfully") => Condition::ServiceCompletedSuccessfully,
                _ => Condition::ServiceStarted,
            };
            let required = body.get("required").and_then(Value::as_bool).unwrap_or(true);
            let restart = body.get("restart").and_then(Value::as_bool).unwrap_or(false);
            (name.clone(), Dependency { condition, required, restart })
        })
        .collect()
}

fn borrows(raw: &Value) -> Vec<String> {
    let modes = ["network_mode", "pid", "ipc"].into_iter().filter_map(|key| text(raw, key));
    let mut names: Vec<String> =
        modes.filter_map(|mode| mode.strip_prefix("service:").map(str::to_owned)).collect();
    for from in strings(raw.get("volumes_from")) {
        if !from.starts_with("container:") {
            names.push(from.split(':').next().unwrap_or(&from).to_owned());
        }
    }
    // On the engine's default network a link is resolved once, when the container is made.
    if text(raw, "network_mode").as_deref() == Some("bridge") {
        let links = strings(raw.get("links")).into_iter();
        names.extend(links.map(|link| link.split(':').next().unwrap_or(&link).to_owned()));
    }
    names.sort();
    names.dedup();
    names
}

impl Service {
    /// The containers that it borrows from by their names.
    pub(super) fn borrowed_containers(&self) -> Vec<String> {
        let modes = ["network_mode", "pid", "ipc"].into_iter();
        let modes = modes.filter_map(|key| text(&self.raw, key));
        let named = modes.chain(strings(self.raw.get("volumes_from")));
        named
            .filter_map(|mode| {
                let name = mode.strip_prefix("container:")?;
                Some(name.split(':').next().unwrap_or(name).to_owned())
            })
            .collect()
    }
}

fn networks(raw: &Value) -> BTreeMap<String, ServiceNetwork> {
    // Some versions of Compose leave it at the service, some move it to its first network.
    let own_mac = raw.get("mac_address").is_some_and(|value| !value.is_null());
    entries(raw, "networks")
        .map(|(name, body)| {
            let fixed = ["ipv4_address", "ipv6_address", "mac_address"];
            let fixed_address = own_mac
                || fixed.iter().any(|key| body.get(*key).is_some_and(|value| !value.is_null()));
            (name.clone(), ServiceNetwork { aliases: strings(body.get("aliases")), fixed_address })
        })
        .collect()
}

fn restart(raw: &Value, deploy: &Value) -> Restart {
    let policy = deploy
        .get("restart_policy")
        .and_then(|policy| policy.get("condition"))
        .and_then(Value::as_str);
    match policy.or_else(|| raw.get("restart").and_then(Value::as_str)) {
        Some("always" | "unless-stopped" | "any") => Restart::Always,
        Some(policy) if policy.starts_with("on-failure") => Restart::OnFailure,
        _ => Restart::Never,
    }
}

fn mounts(raw: &Value) -> Vec<Mount> {
    let list = raw.get("volumes").and_then(Value::as_array).into_iter().flatten();
    list.map(|mount| Mount {
        kind: match mount.get("type").and_then(Value::as_str) {
            Some("bind") => MountKind::Bind,
            Some("volume") | None => MountKind::Volume,
            Some(other) => MountKind::Other(other.to_owned()),
        },
        source: text(mount, "source").map(|text| single(&text)).unwrap_or_default(),
        target: text(mount, "target").map(|text| single(&text)).unwrap_or_default(),
        read_only: mount.get("read_only").and_then(Value::as_bool).unwrap_or(false),
        create: mount.pointer("/bind/create_host_path").and_then(Value::as_bool).unwrap_or(true),
    })
    .collect()
}

fn sources(raw: &Value, key: &str) -> Vec<String> {
    let list = raw.get(key).and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|item| item.as_str().map(str::to_owned).or_else(|| text(item, "source")))
        .collect()
}

/// The entries of a mapping at `key`; none where it is absent.
pub(super) fn entries<'a>(
    value: &'a Value,
    key: &str,
) -> impl Iterator<Item = (&'a String, &'a Value)> {
    value.get(key).and_then(Value::as_object).into_iter().flatten()
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(|value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    })
}

fn strings(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(list)) => {
            list.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
        }
        _ => Vec::new(),
    }
}

fn float(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str().and_then(|text| text.parse().ok()))
}
