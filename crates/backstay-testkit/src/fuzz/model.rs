//! The resolved model, as `docker compose config` prints it.

use std::collections::BTreeSet;
use std::path::Path;

use backstay_core::secrets::{REDACTED, Redactor, collect};
use backstay_core::stack::{Model, Service, StackRef};

use super::disk::disk;

/// Reads a model. What it says makes sense in itself, and nothing that is computed from it overflows.
pub fn model(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(model) = Model::parse(text) else { return };
    let again = Model::from_value(model.raw.clone()).expect("it was read before");
    // A number that is none is not even itself.
    assert_eq!(format!("{again:?}"), format!("{model:?}"));
    ordered(&model);
    for service in model.services.values() {
        sensible(service);
    }
    assert!(model.own_networks().all(|name| model.networks.values().any(|n| n.name == name)));
    kept_secret(&model);
}

/// Each service stands in one wave, and what it needs in an earlier one.
fn ordered(model: &Model) {
    let mut placed: BTreeSet<String> = BTreeSet::new();
    for wave in model.order().expect("a model that was read has an order") {
        assert!(!wave.is_empty());
        for name in &wave {
            let service = &model.services[name];
            let mut needs = service.depends_on.keys().chain(&service.borrows);
            assert!(
                needs.all(|need| placed.contains(need) || !model.services.contains_key(need)),
                "{name} comes too early"
            );
        }
        placed.extend(wave);
    }
    assert!(placed.iter().eq(model.services.keys()));
}

fn sensible(service: &Service) {
    for rollback in [false, true] {
        let config = service.rollout(rollback);
        assert!((0.0..=1.0).contains(&config.max_failure_ratio), "{config:?}");
    }
    if let Some(check) = &service.healthcheck {
        assert!(check.budget() >= check.start_period);
    }
    for probe in &service.probes {
        assert!(probe.retries > 0 && probe.budget() >= probe.start_period);
    }
}

/// What is known to be a secret is taken out of the whole model, and every service has one fingerprint.
fn kept_secret(model: &Model) {
    let store = disk(&[]);
    let stack = StackRef { directory: Path::new("/stack").to_owned(), ..StackRef::default() };
    let found = collect(&stack, Some(model), &*store);
    let redactor = Redactor::new(found.secrets.iter().map(String::as_str));
    let text = model.raw.to_string();
    for piece in redactor.text(&text).split(REDACTED) {
        let left = found.secrets.iter().find(|secret| piece.contains(secret.as_str()));
        assert_eq!(left, None, "it is still in {piece:?}");
    }
    for service in model.services.values() {
        let print = || model.fingerprint(service, &*store, &|_| Ok(None)).ok();
        assert_eq!(print(), print(), "{}", service.name);
    }
}
