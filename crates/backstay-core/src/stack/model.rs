//! The resolved model of a stack, read from what `docker compose config` prints.
//!
//! Compose has already merged, interpolated and validated it; this reads the parts that a rollout needs and keeps
//! the rest as it is. The YAML is read, not the JSON: `config --format json` loses the extensions of services.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::data::DataSet;
use super::dollars::single;
use super::gateway::{GatewayRules, gateway};
use super::parse::entries;
use super::retention::Retention;
use super::retention::retention;
use super::run_hook::RunHook;
use super::said_data::sets;
use super::said_hooks::hooks;
use super::service::Service;
use super::vault::{VaultRules, vault};
use super::yaml::document;
use crate::error::{Error, Result};

/// A stack's resolved model.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// The project's name.
    pub project: String,
    /// The services, without those of inactive profiles.
    pub services: BTreeMap<String, Service>,
    /// The networks by their name in the model.
    pub networks: BTreeMap<String, Network>,
    /// `configs` by name.
    pub configs: BTreeMap<String, Definition>,
    /// `secrets` by name.
    pub secrets: BTreeMap<String, Definition>,
    /// Top-level `volumes` by name, as Compose resolved them.
    pub volumes: BTreeMap<String, Value>,
    /// `x-backstay.retention`.
    pub retention: Option<Retention>,
    /// `x-backstay.gateway`, and the host ports that the gateway holds.
    pub gateway: GatewayRules,
    /// `x-backstay.vault`.
    pub vault: VaultRules,
    /// `x-backstay.data` of services and volumes, by their names.
    pub data: BTreeMap<String, DataSet>,
    /// `x-backstay.hooks`, at the top and of services.
    pub hooks: Vec<RunHook>,
    /// The whole model.
    pub raw: Value,
}

/// A network of the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// Its name on the engine.
    pub name: String,
    /// Whether it exists outside of this stack.
    pub external: bool,
}

/// A config or a secret: exactly one of the sources is set, none for an external one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Definition {
    /// A file, absolute.
    pub file: Option<String>,
    /// Content written in the model.
    pub content: Option<String>,
    /// The variable whose value it is.
    pub environment: Option<String>,
}

impl Model {
    /// Reads what `docker compose config` printed.
    ///
    /// # Errors
    /// [`Error::Model`] when it is not YAML or not the shape that the Compose Specification gives.
    pub fn parse(yaml: &str) -> Result<Self> {
        Self::from_value(document(yaml).map_err(|error| Error::Model(error.to_string()))?)
    }

    /// Reads a model that is parsed already.
    ///
    /// # Errors
    /// [`Error::Model`] where the shape is not that of the Compose Specification.
    pub fn from_value(raw: Value) -> Result<Self> {
        let project = raw
            .get("name")
            .and_then(Value::as_str)
            .ok_or_else(|| Error::Model("the model has no `name`".to_owned()))?
            .to_owned();
        let mut services = BTreeMap::new();
        for (name, body) in entries(&raw, "services") {
            services.insert(name.clone(), Service::from_value(&project, name, body)?);
        }
        borrow_by_name(&project, &mut services);
        let networks = entries(&raw, "networks")
            .map(|(key, body)| {
                let name = body
                    .get("name")
                    .and_then(Value::as_str)
                    .map_or_else(|| format!("{project}_{key}"), Into::into);
                let external = body.get("external").and_then(Value::as_bool).unwrap_or(false);
                (key.clone(), Network { name, external })
            })
            .collect();
        let volumes = entries(&raw, "volumes").map(|(k, v)| (k.clone(), v.clone())).collect();
        let model = Self {
            data: sets(&services, &volumes)?,
            hooks: hooks(&raw, &services)?,
            services,
            networks,
            configs: definitions(&raw, "configs"),
            secrets: definitions(&raw, "secrets"),
            volumes,
            gateway: gateway(&raw)?,
            retention: retention(&raw)?,
            vault: vault(&raw)?,
            project,
            raw,
        };
        model.order()?;
        Ok(model)
    }

    /// The services in waves: each wave needs only services of earlier ones.
    ///
    /// # Errors
    /// [`Error::Model`] when services depend on each other in a circle.
    pub fn order(&self) -> Result<Vec<Vec<String>>> {
        let mut waves: Vec<Vec<String>> = Vec::new();
        let mut placed: BTreeSet<&str> = BTreeSet::new();
        while placed.len() < self.services.len() {
            let wave: Vec<&str> = self
                .services
                .values()
                .filter(|service| !placed.contains(service.name.as_str()))
                .filter(|service| {
                    let needs = service.depends_on.keys().chain(service.borrows.iter());
                    needs
                        .filter(|name| self.services.contains_key(*name))
                        .all(|name| placed.contains(name.as_str()))
                })
                .map(|service| service.name.as_str())
                .collect();
            if wave.is_empty() {
                let circle: Vec<&str> = self
                    .services
                    .keys()
                    .map(String::as_str)
                    .filter(|name| !placed.contains(name))
                    .collect();
                return Err(Error::Model(format!(
                    "services depend on each other in a circle: {}",
                    circle.join(", ")
                )));
            }
            placed.extend(&wave);
            waves.push(wave.into_iter().map(str::to_owned).collect());
        }
        Ok(waves)
    }

    /// The engine's names of the networks that this stack itself owns and uses.
    pub fn own_networks(&self) -> impl Iterator<Item = &str> {
        self.networks
            .iter()
            .filter(|(key, network)| {
                !network.external && self.services.values().any(|s| s.networks.contains_key(*key))
            })
            .map(|(_, network)| network.name.as_str())
    }
}

/// `container:<name>` with the name of a container of this stack means the service that the container belongs to.
fn borrow_by_name(project: &str, services: &mut BTreeMap<String, Service>) {
    let owner = |container: &str| {
        let owns = |service: &&Service| match &service.container_name {
            Some(name) => name == container,
            None => (1..=service.replicas.max(1)).any(|number| {
                ['-', '_'].iter().any(|separator| {
                    container == format!("{project}{separator}{}{separator}{number}", service.name)
                })
            }),
        };
        services.values().find(owns).map(|service| service.name.clone())
    };
    let found: Vec<(String, Vec<String>)> = services
        .values()
        .map(|service| {
            let lenders = service.borrowed_containers();
            let lenders = lenders.iter().filter_map(|container| owner(container));
            (service.name.clone(), lenders.filter(|lender| *lender != service.name).collect())
        })
        .collect();
    for (name, lenders) in found {
        if let Some(service) = services.get_mut(&name) {
            service.borrows.extend(lenders);
            service.borrows.sort();
            service.borrows.dedup();
        }
    }
}

fn definitions(raw: &Value, key: &str) -> BTreeMap<String, Definition> {
    let text =
        |body: &Value, field: &str| body.get(field).and_then(Value::as_str).map(str::to_owned);
    entries(raw, key)
        .map(|(name, body)| {
            let definition = Definition {
                file: text(body, "file").map(|path| single(&path)),
                content: text(body, "content"),
                environment: text(body, "environment"),
            };
            (name.clone(), definition)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: &str = r#"
name: shop
services:
  web:
    build: {context: /srv}
    depends_on: {db: {condition: service_healthy, required: true}}
    deploy: {replicas: 2, update_config: {monitor: 3s, order: start-first, max_failure_ratio: 0.3}}
    ports: [{mode: ingress, target: 80, published: "8080-8085", protocol: tcp}, {target: 81, protocol: tcp}]
    networks: {default: null}
    x-backstay: {a: 1}
  db:
    image: "postgres:16"
    healthcheck: {test: [CMD, x], interval: 2s, retries: 4}
    restart: always
networks: {default: {name: shop_default}}
"#;

    #[test]
    fn what_compose_prints_is_read() {
        let model = Model::parse(MODEL).unwrap();
        assert_eq!(model.project, "shop");
        let web = &model.services["web"];
        assert_eq!((web.image.as_str(), web.replicas, web.is_application()), ("shop-web", 2, true));
        assert_eq!(web.ports[0].published, Some((8080, 8085)));
        assert_eq!(web.ports[1].published, None);
        assert_eq!(web.raw["x-backstay"]["a"], 1);
        assert_eq!(model.services["db"].healthcheck.unwrap().retries, 4);
        assert_eq!(model.order().unwrap(), [["db"], ["web"]]);
        assert_eq!(model.own_networks().collect::<Vec<_>>(), ["shop_default"]);
    }

    #[test]
    fn a_circle_is_named() {
        let yaml = "name: x\nservices:\n  a: {depends_on: {b: {}}}\n  b: {depends_on: {a: {}}}\n";
        let error = Model::parse(yaml).unwrap_err().to_string();
        assert!(error.contains("in a circle: a, b"), "{error}");
    }
}
