//! The resolved model, as Compose 2.26 printed it for a stack that uses most of the specification.

use std::time::Duration;

use backstay_core::stack::{
    Condition, Definition, Dependency, FailureAction, Healthcheck, Model, MountKind, Order, Port,
    Restart, UpdateConfig,
};
use serde_json::json;

use crate::stacks::parse;

const SHOP: &str = include_str!("shop.yml");

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn shop() -> Model {
    Model::parse(SHOP).unwrap()
}

fn error(yaml: &str) -> String {
    Model::parse(yaml).unwrap_err().to_string()
}

#[test]
fn names_and_images_are_read() {
    let model = shop();
    assert_eq!(model.project, "shop");
    assert_eq!(model.services.len(), 11);
    let web = &model.services["web"];
    assert_eq!(web.image, "registry.local:5000/shop/web:1.2");
    assert_eq!(web.build.as_ref().unwrap().tags, ["shop/web:next", "shop/web:v2"]);
    assert!(web.is_application() && !model.services["db"].is_application());
    assert_eq!(model.services["one"].container_name.as_deref(), Some("the-one"));
    assert_eq!(model.services["off"].image, "off");
    assert_eq!(model.services["cache"].pull_policy.as_deref(), Some("always"));
}

#[test]
fn an_image_without_a_name_has_the_one_that_compose_gives_it() {
    let model = parse("services: {web: {build: {context: /w}}}");
    assert_eq!(model.services["web"].image, "shop-web");
    assert!(model.services["web"].build.as_ref().unwrap().tags.is_empty());
}

#[test]
fn replicas_come_from_deploy_or_scale() {
    let model = shop();
    let replicas = |name: &str| model.services[name].replicas;
    assert_eq!(["web", "cache", "zero", "db", "glob", "one"].map(replicas), [3, 2, 0, 1, 1, 1]);
    let both = parse("services: {web: {image: w, scale: 2, deploy: {replicas: 4}}}");
    assert_eq!(both.services["web"].replicas, 4);
    assert!(error("name: x\nservices: {w: {image: w, scale: 4294967296}}").contains("replicas"));
}

#[test]
fn ports_are_read_in_all_their_forms() {
    let port = |host_ip: Option<&str>, published, target, protocol: &str| Port {
        host_ip: host_ip.map(str::to_owned),
        published,
        target,
        protocol: protocol.to_owned(),
    };
    assert_eq!(
        shop().services["web"].ports,
        [
            port(None, Some((8080, 8083)), 80, "tcp"),
            port(Some("127.0.0.1"), Some((9000, 9000)), 9000, "udp"),
            port(Some("::1"), Some((9443, 9443)), 443, "tcp"),
            port(None, None, 3000, "tcp"),
            port(None, Some((5000, 5000)), 5000, "tcp"),
        ]
    );
}

#[test]
fn a_port_of_the_engines_choice_is_none_of_the_hosts() {
    let of = |port: &str| {
        parse(&format!("services: {{w: {{image: w, ports: [{port}]}}}}")).services["w"].ports[0]
            .clone()
    };
    for port in ["{target: 80}", "{target: 80, published: \"0\"}", "{target: 80, published: \"\"}"]
    {
        assert_eq!(of(port).published, None, "{port}");
    }
    assert_eq!(of("{target: 80, published: 8080}").published, Some((8080, 8080)));
    assert_eq!(of("{target: 80, host_ip: \"\"}").host_ip, None);
}

#[test]
fn a_port_that_is_none_is_refused_with_its_place() {
    for port in ["{}", "{target: x}", "{target: 65536}", "{target: -1}"] {
        let text = error(&format!("name: x\nservices: {{w: {{image: w, ports: [{port}]}}}}"));
        assert!(text.contains("services.w.ports.target"), "{port}: {text}");
    }
    for published in ["x", "80-", "-80", "1-2-3", "65536", "80 "] {
        let port = format!("{{target: 80, published: \"{published}\"}}");
        let text = error(&format!("name: x\nservices: {{w: {{image: w, ports: [{port}]}}}}"));
        assert!(text.contains("services.w.ports.published"), "{port}: {text}");
    }
}

#[test]
fn dependencies_keep_their_conditions() {
    let model = shop();
    let on = |condition, required| Dependency { condition, required, restart: false };
    let web = &model.services["web"].depends_on;
    assert_eq!(web["db"], on(Condition::ServiceHealthy, true));
    assert_eq!(web["migrate"], on(Condition::ServiceCompletedSuccessfully, true));
    assert_eq!(web["cache"], on(Condition::ServiceStarted, false));
    let order = model.order().unwrap();
    let wave = |name: &str| order.iter().position(|wave| wave.iter().any(|n| n == name)).unwrap();
    assert_eq!(["db", "cache", "migrate", "web", "side"].map(wave), [0, 0, 1, 2, 3]);
}

#[test]
fn borrowed_namespaces_and_volumes_are_known() {
    let model = shop();
    assert_eq!(model.services["side"].borrows, ["cache", "db", "migrate", "web"]);
    assert_eq!(model.services["side"].network_mode.as_deref(), Some("service:web"));
    assert_eq!(model.services["host"].network_mode.as_deref(), Some("host"));
    assert!(model.services["host"].borrows.is_empty() && model.services["off"].borrows.is_empty());
}

#[test]
fn borrowing_alone_puts_a_service_behind_its_lender() {
    let model = parse("services: {a: {image: a, volumes_from: [\"b:ro\"]}, b: {image: b}}");
    assert_eq!(model.order().unwrap(), [["b"], ["a"]]);
    let circle = "name: x\nservices: {a: {image: a, pid: \"service:b\"}, b: {image: b, depends_on: {a: {}}}}";
    assert!(error(circle).contains("circle: a, b"));
    assert!(error("name: x\nservices: {a: {image: a, depends_on: {a: {}}}}").contains("circle: a"));
}

#[test]
fn networks_carry_aliases_and_fixed_addresses() {
    let model = shop();
    let web = &model.services["web"].networks;
    assert_eq!(web["front"].aliases, ["www", "shop.example"]);
    assert!(web["front"].fixed_address && !web["back"].fixed_address);
    assert!(model.services["mac"].networks["default"].fixed_address);
    assert!(!model.services["db"].networks["back"].fixed_address);
    assert!(model.services["off"].networks.is_empty());
    assert!(model.networks["back"].external);
    assert_eq!(model.networks["back"].name, "shared-back");
    let own: Vec<&str> = model.own_networks().collect();
    assert_eq!(own, ["shop_default", "shop_front"]);
}

#[test]
fn a_network_without_a_name_has_the_one_that_compose_gives_it() {
    let model = parse("services: {w: {image: w, networks: {n: null}}}\nnetworks: {n: null}");
    assert_eq!(model.networks["n"].name, "shop_n");
}

#[test]
fn a_healthcheck_is_read_with_the_specifications_defaults() {
    let model = shop();
    assert_eq!(
        model.services["web"].healthcheck,
        Some(Healthcheck {
            interval: seconds(90),
            timeout: Duration::from_millis(2500),
            retries: 5,
            start_period: seconds(3600),
        })
    );
    assert_eq!(
        model.services["db"].healthcheck,
        Some(Healthcheck {
            interval: seconds(5),
            timeout: seconds(30),
            retries: 3,
            start_period: Duration::ZERO,
        })
    );
    let budget = |name: &str| model.services[name].healthcheck.unwrap().budget();
    assert_eq!(budget("db"), seconds(105));
    assert_eq!(budget("web"), Duration::from_millis(3_600_000 + 5 * 92_500));
}

#[test]
fn a_healthcheck_that_is_switched_off_is_none() {
    let check = |body: &str| {
        parse(&format!("services: {{w: {{image: w, healthcheck: {body}}}}}")).services["w"]
            .healthcheck
    };
    for off in
        ["{disable: true}", "{test: [NONE]}", "{test: NONE}", "{disable: true, test: [CMD, x]}"]
    {
        assert_eq!(check(off), None, "{off}");
    }
    for on in
        ["{interval: 1s}", "{disable: false}", "{test: [CMD, NONE]}", "{test: [CMD-SHELL, x]}"]
    {
        assert!(check(on).is_some(), "{on}");
    }
    let model = shop();
    assert!(
        ["cache", "off", "host"].iter().all(|name| model.services[*name].healthcheck.is_none())
    );
}

#[test]
fn no_retries_are_one() {
    let model =
        parse("services: {w: {image: w, healthcheck: {interval: 1s, timeout: 1s, retries: 0}}}");
    assert_eq!(model.services["w"].healthcheck.unwrap().budget(), seconds(2));
}

#[test]
fn an_endless_healthcheck_has_an_endless_budget() {
    let check = "{interval: 106751d, timeout: 106751d, retries: 4294967295}";
    let model = parse(&format!("services: {{w: {{image: w, healthcheck: {check}}}}}"));
    assert!(model.services["w"].healthcheck.unwrap().budget() > seconds(1 << 40));
}

#[test]
fn rollouts_are_read_and_what_is_not_said_stays_open() {
    let model = shop();
    let web = &model.services["web"];
    assert_eq!(
        web.update,
        UpdateConfig {
            parallelism: Some(2),
            delay: Some(seconds(10)),
            failure_action: Some(FailureAction::Rollback),
            monitor: Some(seconds(15)),
            max_failure_ratio: 0.25,
            order: Some(Order::StartFirst),
        }
    );
    assert_eq!(
        web.rollback,
        UpdateConfig {
            parallelism: Some(0),
            failure_action: Some(FailureAction::Pause),
            order: Some(Order::StopFirst),
            ..UpdateConfig::default()
        }
    );
    assert_eq!(model.services["db"].update, UpdateConfig::default());
    let on =
        parse("services: {w: {image: w, deploy: {update_config: {failure_action: continue}}}}");
    assert_eq!(on.services["w"].update.failure_action, Some(FailureAction::Continue));
}

#[test]
fn a_rollout_that_is_none_is_refused_with_its_place() {
    for (key, value) in [
        ("order", "sideways"),
        ("failure_action", "panic"),
        ("max_failure_ratio", "1.5"),
        ("max_failure_ratio", "-0.1"),
        ("parallelism", "4294967296"),
        ("delay", "soon"),
        ("monitor", "soon"),
    ] {
        for section in ["update_config", "rollback_config"] {
            let yaml = format!(
                "name: x\nservices: {{w: {{image: w, deploy: {{{section}: {{{key}: {value}}}}}}}}}"
            );
            let text = error(&yaml);
            assert!(text.contains("services.w.") && text.contains(key), "{yaml}: {text}");
        }
    }
}

#[test]
fn restart_policies_say_whether_a_container_should_live() {
    let model = shop();
    let restart = |name: &str| model.services[name].restart;
    assert_eq!(restart("web"), Restart::OnFailure, "`deploy` rules, as in Compose");
    assert_eq!(restart("db"), Restart::Always);
    assert_eq!(restart("cache"), Restart::OnFailure);
    assert_eq!(restart("migrate"), Restart::Never);
    assert_eq!(restart("one"), Restart::Never);
    assert!(model.services["migrate"].may_complete());
    assert!(!model.services["db"].may_complete() && !model.services["web"].may_complete());
    let of =
        |body: &str| parse(&format!("services: {{w: {{image: w, {body}}}}}")).services["w"].restart;
    assert_eq!(of("restart: unless-stopped"), Restart::Always);
    assert_eq!(of("restart: always, deploy: {restart_policy: {condition: none}}"), Restart::Never);
    assert_eq!(of("deploy: {restart_policy: {condition: any}}"), Restart::Always);
}

#[test]
fn mounts_configs_and_secrets_are_read() {
    let model = shop();
    let web = &model.services["web"];
    let mounts: Vec<(&MountKind, &str, &str, bool)> = web
        .mounts
        .iter()
        .map(|m| (&m.kind, m.source.as_str(), m.target.as_str(), m.read_only))
        .collect();
    assert_eq!(
        mounts,
        [
            (&MountKind::Bind, "/srv/shop/conf/app.ini", "/etc/app.ini", true),
            (&MountKind::Volume, "data", "/data", false),
            (&MountKind::Volume, "", "/anon", false),
            (&MountKind::Other("tmpfs".into()), "", "/tmp", false),
        ]
    );
    assert_eq!(web.configs, ["app_conf", "inline"]);
    assert_eq!(web.secrets, ["token", "env_secret"]);
    assert_eq!(model.configs["app_conf"].file.as_deref(), Some("/srv/shop/conf/app.ini"));
    assert_eq!(model.configs["inline"].content.as_deref(), Some("a=1\n"));
    assert_eq!(model.configs["outside"], Definition::default());
    assert_eq!(model.secrets["env_secret"].environment.as_deref(), Some("TOKEN"));
    assert_eq!(model.volumes["pg"], json!({"name": "pgdata", "external": true}));
}

#[test]
fn grace_periods_are_read_or_ten_seconds() {
    let model = shop();
    assert_eq!(model.services["web"].stop_grace, seconds(60));
    assert_eq!(model.services["db"].stop_grace, seconds(10));
    assert!(
        error("name: x\nservices: {w: {image: w, stop_grace_period: never}}")
            .contains("services.w.stop_grace_period")
    );
}

#[test]
fn everything_else_is_kept_as_it_is() {
    let model = shop();
    let web = &model.services["web"].raw;
    assert_eq!(web["x-backstay"], json!({"hosts": {"a": "b"}, "weight": 1}));
    assert_eq!(web["environment"], json!({"A": "yes", "B": "", "C": null}));
    assert_eq!(web["deploy"]["resources"]["limits"]["cpus"], json!(0.5));
    assert_eq!(model.raw["x-top"]["a"], json!([1, 2.5, true]));
    assert_eq!(model.services["migrate"].raw["restart"], "no");
}

#[test]
fn what_is_no_model_is_refused() {
    assert!(error("services: {}").contains("no `name`"));
    assert!(error("name: 7").contains("no `name`"));
    for text in ["", "- a\n- b\n", "name: [\n", "name: x\nservices: {a: {image: \"}", "\u{0}"] {
        assert!(Model::parse(text).is_err(), "{text:?}");
    }
    assert!(Model::parse("name: x").unwrap().services.is_empty());
}

#[test]
fn a_text_that_is_nested_without_end_is_refused() {
    for open in ["[", "{a: ", "- "] {
        let text = format!("name: x\nx-deep: {}", open.repeat(50_000));
        assert!(Model::parse(&text).is_err());
    }
}
