//! What Compose says of services as a whole.
//!
//! Where services are created alone (`--no-deps`), Compose forgets the dependencies that are not created along: their label lacks them, and in older versions
//! the config hash differs, so that a later `docker compose up` would recreate the container. Both are put right.

use std::collections::BTreeMap;

use backstay_core::engine::EngineResult;
use backstay_core::stack::{Model, StackRef};
use serde_json::{Value, json};

use super::error;
use crate::compose;
use crate::container::label;

/// Compose's labels of each service, as they are when the whole stack is created at once.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    hashes: BTreeMap<String, String>,
    depends_on: BTreeMap<String, String>,
}

impl Truth {
    /// Asks Compose.
    pub(super) async fn ask(stack: &StackRef) -> EngineResult<Self> {
        let (hashes, model) = tokio::try_join!(compose::hashes(stack), compose::model(stack))?;
        let model = Model::parse(&model).map_err(|problem| {
            error(backstay_core::engine::EngineErrorKind::InvalidStack, problem.to_string())
        })?;
        let services = model.services.iter();
        let depends_on = services.map(|(name, service)| (name.clone(), depends_on(&service.raw)));
        Ok(Self { hashes, depends_on: depends_on.collect() })
    }

    /// Puts the labels of a body right.
    pub(crate) fn correct(&self, body: &mut Value) {
        let Some(labels) = body.get_mut("Labels").and_then(Value::as_object_mut) else { return };
        let Some(service) = labels.get(label::SERVICE).and_then(Value::as_str) else { return };
        let (hash, depends_on) = (self.hashes.get(service), self.depends_on.get(service));
        for (name, value) in [(label::HASH, hash), (label::DEPENDS_ON, depends_on)] {
            if let Some(value) = value {
                labels.insert(name.to_owned(), json!(value));
            }
        }
    }
}

/// `service:condition:restart`, separated by commas.
fn depends_on(service: &Value) -> String {
    let dependencies = service.get("depends_on").and_then(Value::as_object);
    let entries = dependencies.into_iter().flatten().map(|(name, dependency)| {
        let condition = dependency.get("condition").and_then(Value::as_str);
        let restart = dependency.get("restart").and_then(Value::as_bool).unwrap_or(false);
        format!("{name}:{}:{restart}", condition.unwrap_or("service_started"))
    });
    entries.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_compose_forgot_is_put_back() {
        let service = json!({"depends_on": {
            "db": {"condition": "service_healthy", "required": true},
            "app": {"condition": "service_started", "restart": true}}});
        let truth = Truth {
            hashes: [("web".to_owned(), "true".to_owned())].into(),
            depends_on: [("web".to_owned(), depends_on(&service))].into(),
        };
        let labels = |service: &str| json!({"Labels": {label::SERVICE: service, label::HASH: "cut", label::DEPENDS_ON: ""}});
        let mut web = labels("web");
        truth.correct(&mut web);
        assert_eq!(web["Labels"][label::HASH], "true");
        let expected = "app:service_started:true,db:service_healthy:false";
        assert_eq!(web["Labels"][label::DEPENDS_ON], expected);
        // A service of an inactive profile is not known here.
        let mut other = labels("other");
        truth.correct(&mut other);
        assert_eq!(other, labels("other"));
    }
}
