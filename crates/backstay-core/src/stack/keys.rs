//! The keys of the Compose Specification, and those of them that are refused because nobody would carry them out.

use crate::unsupported::{Unsupportable, Unsupported};
use serde_json::Value;

use super::model::Model;

/// Every key of a service. What each means is in `docs/compose.md`.
pub const SERVICE_KEYS: [&str; 93] = [
    "annotations",
    "attach",
    "blkio_config",
    "build",
    "cap_add",
    "cap_drop",
    "cgroup",
    "cgroup_parent",
    "command",
    "configs",
    "container_name",
    "cpu_count",
    "cpu_percent",
    "cpu_period",
    "cpu_quota",
    "cpu_rt_period",
    "cpu_rt_runtime",
    "cpu_shares",
    "cpus",
    "cpuset",
    "credential_spec",
    "depends_on",
    "deploy",
    "develop",
    "device_cgroup_rules",
    "devices",
    "dns",
    "dns_opt",
    "dns_search",
    "domainname",
    "entrypoint",
    "env_file",
    "environment",
    "expose",
    "extends",
    "external_links",
    "extra_hosts",
    "gpus",
    "group_add",
    "healthcheck",
    "hostname",
    "image",
    "init",
    "ipc",
    "isolation",
    "label_file",
    "labels",
    "links",
    "logging",
    "mac_address",
    "mem_limit",
    "mem_reservation",
    "mem_swappiness",
    "memswap_limit",
    "models",
    "network_mode",
    "networks",
    "oom_kill_disable",
    "oom_score_adj",
    "pid",
    "pids_limit",
    "platform",
    "ports",
    "post_start",
    "pre_start",
    "pre_stop",
    "privileged",
    "profiles",
    "provider",
    "pull_policy",
    "pull_refresh_after",
    "read_only",
    "restart",
    "runtime",
    "scale",
    "secrets",
    "security_opt",
    "shm_size",
    "stdin_open",
    "stop_grace_period",
    "stop_signal",
    "storage_opt",
    "sysctls",
    "tmpfs",
    "tty",
    "ulimits",
    "use_api_socket",
    "user",
    "userns_mode",
    "uts",
    "volumes",
    "volumes_from",
    "working_dir",
];

/// Every key at the top of a compose file.
pub const TOP_KEYS: [&str; 9] = [
    "configs", "include", "models", "name", "networks", "secrets", "services", "version", "volumes",
];

/// Keys that make Compose do something while it brings a stack up that is not done here.
const REFUSED: [&str; 3] = ["models", "provider", "use_api_socket"];

impl Model {
    /// All that can't be carried out.
    #[must_use]
    pub fn unsupported(&self) -> Vec<Unsupported> {
        let mut found = Vec::new();
        for (key, value) in self.raw.as_object().into_iter().flatten() {
            let reason = judge(key, value, &TOP_KEYS);
            found.extend(reason.map(|reason| Unsupported {
                service: None,
                key: key.clone(),
                reason,
            }));
        }
        for (name, service) in &self.services {
            let mut add = |key: &str, reason| {
                let (service, key) = (Some(name.clone()), key.to_owned());
                found.push(Unsupported { service, key, reason });
            };
            for (key, value) in service.raw.as_object().into_iter().flatten() {
                if let Some(reason) = judge(key, value, &SERVICE_KEYS) {
                    add(key, reason);
                }
            }
            if service.raw.get("read_only").is_some_and(is_set) {
                for file in self.injected(service) {
                    add(file.kind, Unsupportable::ReadOnly { name: file.name });
                }
            }
            let hooks = service.raw.get("pre_start").and_then(Value::as_array);
            let mut hooks = hooks.into_iter().flatten();
            if hooks.any(|hook| hook.get("per_replica").is_some_and(is_set)) {
                add("pre_start.per_replica", Unsupportable::NotYet);
            }
        }
        found
    }
}

fn judge(key: &str, value: &Value, known: &[&str]) -> Option<Unsupportable> {
    if key.starts_with("x-") || !is_set(value) {
        return None;
    }
    if REFUSED.contains(&key) {
        return Some(Unsupportable::NotDone);
    }
    (!known.contains(&key)).then_some(Unsupportable::NotKnown)
}

/// Whether a value says anything.
fn is_set(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty() && text != "false",
        Value::Array(list) => !list.is_empty(),
        Value::Object(map) => !map.is_empty(),
        Value::Bool(true) | Value::Number(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(yaml: &str) -> Vec<String> {
        let all = Model::parse(yaml).unwrap().unsupported();
        all.iter()
            .map(|u| {
                let service = u.service.as_deref().unwrap_or("top");
                format!("{service}.{} {:?}", u.key, u.reason)
            })
            .collect()
    }

    #[test]
    fn what_nobody_would_carry_out_is_found() {
        let yaml = "
name: x
services:
  ai: {image: x, models: {llm: null}}
  db: {provider: {type: model}}
  app: {image: x, use_api_socket: true, brand_new: 1, x-own: 1, tmpfs: []}
  ro: {image: x, read_only: true, configs: [{source: c}, {source: f}]}
  hook: {image: x, pre_start: [{command: [a], per_replica: true}]}
  fine: {image: x, use_api_socket: false}
configs: {c: {content: a}, f: {file: /f}}
models: {llm: {model: ai/smol}}
";
        assert_eq!(
            found(yaml),
            [
                "top.models NotDone",
                "ai.models NotDone",
                "app.brand_new NotKnown",
                "app.use_api_socket NotDone",
                "db.provider NotDone",
                "hook.pre_start.per_replica NotYet",
                "ro.configs ReadOnly { name: \"c\" }",
            ]
        );
    }

    #[test]
    fn every_key_is_explained() {
        let page = include_str!("../../../../docs/compose.md");
        let is_told = |key: &&str| !page.contains(&format!("`{key}`"));
        let missing: Vec<&str> = SERVICE_KEYS.into_iter().chain(TOP_KEYS).filter(is_told).collect();
        assert!(missing.is_empty(), "not in docs/compose.md: {missing:?}");
    }
}
