//! A container as the port and as `docker inspect` show it.

use std::collections::BTreeMap;

use backstay_core::engine::{Container, Health, HostPort, OwnChecks, State, Status};
use backstay_core::stack::{Check, Healthcheck, Probe, Restart};
use serde_json::{Map, Value, json};

use super::start::candidates;
use super::state::FakeContainer;
use crate::fake::wall::stamp;

impl FakeContainer {
    /// As the port shows it.
    #[must_use]
    pub fn view(&self) -> Container {
        Container {
            id: self.id.clone(),
            name: self.name.clone(),
            service: self.service.clone(),
            number: self.number,
            image: self.image.clone(),
            image_ref: self.image_ref.clone(),
            run: self.run.clone(),
            fingerprint: self.fingerprint.clone(),
            rehearsal: self.rehearsal,
            compose_hash: self.compose_hash.clone(),
            state: State {
                status: self.life.status,
                exit_code: self.life.exit_code,
                restarts: self.life.restarts,
                started_at: self.life.started.map(stamp).unwrap_or_default(),
                oom_killed: false,
                error: self.life.error.clone(),
                health: self.life.health,
                health_log: self.life.health_log.clone(),
            },
            networks: self.networks.clone(),
            // No model of these: every container is found where the one before it was.
            addresses: std::collections::BTreeMap::new(),
            labels: std::collections::BTreeMap::new(),
            ports: self.fixed_ports(),
            created: stamp(self.created),
            replaces: self.replaces.clone(),
            kept_at: None,
            directory: None,
            files: Vec::new(),
        }
    }

    /// What it can be asked about itself.
    pub(in crate::fake) fn own_checks(&self) -> OwnChecks {
        let tcp = self.spec.ports.iter().filter(|port| port.protocol == "tcp");
        let probe = |check: Healthcheck| Probe {
            check: Check::Exec(vec!["true".to_owned()]),
            interval: check.interval,
            timeout: check.timeout,
            retries: check.retries.max(1),
            start_period: check.start_period,
        };
        OwnChecks {
            healthcheck: self.spec.healthcheck.map(probe),
            ports: tcp.map(|port| port.target).collect(),
        }
    }

    /// The host ports that it has whenever it runs: those that are not chosen from a range.
    fn fixed_ports(&self) -> Vec<HostPort> {
        let single = |port: &&backstay_core::stack::Port| {
            port.published.is_some_and(|(first, last)| first == last)
        };
        let mut ports: Vec<HostPort> =
            self.spec.ports.iter().filter(single).flat_map(candidates).collect();
        ports.sort();
        ports
    }

    /// As `docker inspect` prints it, with the definition standing for all the parts that this engine has no model of.
    pub(in crate::fake) fn inspect(&self) -> Value {
        let networks: Map<String, Value> = self
            .networks
            .iter()
            .map(|(name, aliases)| (name.clone(), json!({"Aliases": aliases})))
            .collect();
        let mounts = self.spec.mounts.iter().map(|mount| {
            let kind = if mount.volume { "volume" } else { "bind" };
            let key = if mount.volume { "Name" } else { "Source" };
            json!({"Type": kind, key: mount.source, "Destination": mount.target})
        });
        json!({
            "Id": self.id,
            "Name": format!("/{}", self.name),
            "Created": stamp(self.created),
            "Image": self.image,
            "RestartCount": self.life.restarts,
            "State": {
                "Status": self.life.status,
                "Running": self.life.status == Status::Running,
                "ExitCode": self.life.exit_code,
                "Error": self.life.error,
                "StartedAt": self.life.started.map(stamp),
                "Health": self.life.health.map(|health: Health| json!({"Status": health})),
            },
            "Config": {"Image": self.image_ref, "Labels": self.labels()},
            "HostConfig": {
                "RestartPolicy": {"Name": policy(self.spec.restart)},
                "PortBindings": self.bindings(),
                "NetworkMode": self.spec.lives_in.as_ref().map(|id| format!("container:{id}")),
            },
            "Mounts": mounts.collect::<Vec<_>>(),
            "NetworkSettings": {"Networks": networks},
            "Definition": *self.spec.definition,
        })
    }

    fn labels(&self) -> BTreeMap<&str, String> {
        let mut labels = BTreeMap::from([
            ("com.docker.compose.service", self.service.clone()),
            ("com.docker.compose.container-number", self.number.to_string()),
            ("com.docker.compose.oneoff", if self.one_off { "True" } else { "False" }.to_owned()),
        ]);
        let mut add = |key, value: &Option<String>| {
            labels.extend(value.clone().map(|value| (key, value)));
        };
        add("com.docker.compose.project", &self.project);
        add("com.docker.compose.config-hash", &self.compose_hash);
        add("backstay.run", &self.run);
        add("backstay.fingerprint", &self.fingerprint);
        labels
    }

    fn bindings(&self) -> Map<String, Value> {
        let mut all: Map<String, Value> = Map::new();
        for port in &self.spec.ports {
            let key = format!("{}/{}", port.target, port.protocol);
            let host = port.published.map(|(first, _)| first.to_string()).unwrap_or_default();
            let binding =
                json!({"HostIp": port.host_ip.clone().unwrap_or_default(), "HostPort": host});
            match all.entry(key).or_insert(json!([])) {
                Value::Array(list) => list.push(binding),
                other => *other = json!([binding]),
            }
        }
        all
    }
}

const fn policy(restart: Restart) -> &'static str {
    match restart {
        Restart::Never => "no",
        Restart::OnFailure => "on-failure",
        Restart::Always => "unless-stopped",
    }
}
