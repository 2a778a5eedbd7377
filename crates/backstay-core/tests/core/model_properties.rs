//! Whatever Compose or anybody else prints, reading it ends with a model or an error.

use backstay_core::plan::{Plan, Running};
use backstay_core::stack::{Model, parse_duration, referenced_variables};
use backstay_core::store::DiskStore;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::stacks::{DEPLOY, World};

const SHOP: &str = include_str!("shop.yml");

/// Keys that mean something somewhere, so that random values get deep into the model.
const KEYS: [&str; 48] = [
    "name",
    "services",
    "networks",
    "volumes",
    "configs",
    "secrets",
    "image",
    "build",
    "tags",
    "ports",
    "target",
    "published",
    "host_ip",
    "protocol",
    "deploy",
    "replicas",
    "scale",
    "update_config",
    "rollback_config",
    "order",
    "parallelism",
    "delay",
    "monitor",
    "failure_action",
    "max_failure_ratio",
    "restart_policy",
    "condition",
    "restart",
    "depends_on",
    "required",
    "healthcheck",
    "test",
    "disable",
    "interval",
    "timeout",
    "retries",
    "start_period",
    "network_mode",
    "pid",
    "ipc",
    "volumes_from",
    "aliases",
    "ipv4_address",
    "type",
    "source",
    "read_only",
    "external",
    "stop_grace_period",
];

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => proptest::sample::select(KEYS.as_slice()).prop_map(str::to_owned),
        2 => proptest::sample::select(&["a", "b", "c"][..]).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

fn leaf() -> impl Strategy<Value = Value> {
    let texts = [
        "",
        "0",
        "a",
        "80",
        "80-90",
        "90-80",
        "-",
        "5s",
        "1h0m0s",
        "NONE",
        "service:",
        "service:a",
        "container:",
        "start-first",
        "continue",
        "on-failure",
        "bind",
        "/",
        "a:ro",
        ":",
        "65536",
    ];
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-2..9_i64).prop_map(Value::from),
        proptest::sample::select(texts.to_vec()).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(5, 64, 6, |inner| {
        prop_oneof![
            1 => proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            3 => proptest::collection::vec((key(), inner), 0..6)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// A model of the right outer shape with anything inside.
fn any_model() -> impl Strategy<Value = Value> {
    let services = proptest::collection::vec((key(), any_value()), 0..5);
    (services, any_value(), any_value()).prop_map(|(services, networks, configs)| {
        let services: Map<String, Value> = services.into_iter().collect();
        json!({"name": "shop", "services": services, "networks": networks, "configs": configs})
    })
}

/// Uses all that can be asked of a model.
fn exercise(model: Model) {
    let waves = model.order().unwrap();
    assert_eq!(waves.iter().flatten().count(), model.services.len());
    let _ = model.own_networks().count();
    for service in model.services.values() {
        let print = || model.fingerprint(service, &DiskStore, &|_| Ok(None)).unwrap();
        let one = print();
        assert_eq!(one, print());
        let _ = service.ports.iter().map(ToString::to_string).count();
    }
    let world = World::of(model);
    let plan = Plan::build(&world.desired(), &Running::default(), DEPLOY);
    assert_eq!(plan.changes.len(), world.model.services.len());
}

proptest! {
    #[test]
    fn any_value_is_a_model_or_an_error(value in prop_oneof![any_model(), any_value()]) {
        if let Ok(model) = Model::from_value(value) {
            exercise(model);
        }
    }

    #[test]
    fn any_value_reads_the_same_as_yaml(value in any_model()) {
        let text = serde_json::to_string(&value).unwrap();
        let model = Model::from_value(value);
        if let (Ok(one), Ok(other)) = (model, Model::parse(&text)) {
            prop_assert_eq!(one.services.len(), other.services.len());
            prop_assert_eq!(one.order().unwrap(), other.order().unwrap());
        }
    }

    #[test]
    fn any_text_is_a_model_or_an_error(text in "\\PC{0,200}") {
        let _ = Model::parse(&text);
        let _ = Model::parse(&format!("name: x\nservices: {text}"));
    }

    #[test]
    fn a_damaged_text_is_a_model_or_an_error(at in 0..SHOP.len(), length in 0..40_usize, instead in "[-:{}\\[\\]\"' \n\ta-z0-9&*!|>%@]{0,8}") {
        let (mut from, mut to) = (at, (at + length).min(SHOP.len()));
        while !SHOP.is_char_boundary(from) { from -= 1; }
        while !SHOP.is_char_boundary(to) { to += 1; }
        if let Ok(model) = Model::parse(&format!("{}{instead}{}", &SHOP[..from], &SHOP[to..])) {
            exercise(model);
        }
    }

    #[test]
    fn waves_hold_each_service_once_and_after_what_it_needs(edges in proptest::collection::vec((0..8_usize, 0..8_usize), 0..14)) {
        let mut services: Map<String, Value> = (0..8).map(|at| (format!("s{at}"), json!({"image": "i", "depends_on": {}}))).collect();
        for (from, to) in edges {
            services[&format!("s{from}")]["depends_on"][format!("s{to}")] = json!({"condition": "service_started"});
        }
        if let Ok(model) = Model::from_value(json!({"name": "x", "services": services})) {
            let waves = model.order().unwrap();
            let place = |name: &str| waves.iter().position(|wave| wave.iter().any(|n| n == name)).unwrap();
            for service in model.services.values() {
                prop_assert!(service.depends_on.keys().all(|other| place(other) < place(&service.name)));
                // No later than it has to be.
                let earliest = service.depends_on.keys().map(|other| place(other) + 1).max().unwrap_or(0);
                prop_assert_eq!(place(&service.name), earliest);
            }
        }
    }

    #[test]
    fn any_duration_is_read_or_named(text in "[0-9.a-zµ -]{0,12}") {
        if let Err(named) = parse_duration(&text) {
            prop_assert_eq!(named, text.trim());
        }
    }

    #[test]
    fn a_duration_that_go_prints_is_read(hours in 0..200_u64, minutes in 0..60_u64, millis in 0..60_000_u64) {
        #[allow(clippy::cast_precision_loss)]
        let text = format!("{hours}h{minutes}m{}s", millis as f64 / 1000.0);
        let expected = std::time::Duration::from_millis(hours * 3_600_000 + minutes * 60_000 + millis);
        prop_assert_eq!(parse_duration(&text), Ok(expected));
    }

    #[test]
    fn any_text_has_variables_or_none(text in "[$A-Za-z0-9_{}:?\\-é ]{0,40}") {
        for name in referenced_variables(&text) {
            let first = name.chars().next().unwrap();
            prop_assert!(first.is_ascii_alphabetic() || first == '_');
            let reference = text.contains(&format!("${name}")) || text.contains(&format!("${{{name}"));
            prop_assert!(reference, "{} in {}", name, text);
        }
    }

    #[test]
    fn every_variable_that_is_written_is_found(names in proptest::collection::btree_set("[A-Za-z_][A-Za-z0-9_]{0,6}", 0..6), form in 0..5_u8) {
        let text: String = names.iter().map(|name| match form {
            0 => format!("a: ${name}\n"),
            1 => format!("a: ${{{name}}}x\n"),
            2 => format!("a: $$x${{{name}:-$$}}\n"),
            3 => format!("a: $${name} $$$${name} ${{{name}:?give it}}\n"),
            _ => format!("a: é${{{name}-}}é$$\n"),
        }).collect();
        prop_assert_eq!(referenced_variables(&text), names);
    }

    #[test]
    fn an_escaped_variable_is_none(name in "[A-Za-z_][A-Za-z0-9_]{0,6}") {
        let found = referenced_variables(&format!("$${name} $${{{name}}} $$$$ $"));
        prop_assert!(found.is_empty(), "{:?}", found);
    }
}
