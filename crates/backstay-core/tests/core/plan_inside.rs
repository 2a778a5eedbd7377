//! What the gateway carries inside, what not, and in which order names change hands.

use backstay_core::plan::{Action, Facts, LeftOut, Method, Reason, Why};

use crate::stacks::{World, kinds, turn};

const TOP: &str = "x-backstay-gateway: {all: true}\nnetworks: {default: {name: shop_default}, \
    back: {name: shop_back}}\nservices:\n";
const WEB: &str = "  web: {image: web, networks: {default: null}, depends_on: {app: {condition: \
    service_started}}, x-backstay-gateway: {ports: [{published: 8080, target: 80}]}}\n";

fn stack(more: &str) -> String {
    format!("{TOP}{WEB}{more}")
}

fn app(more: &str) -> String {
    stack(&format!("  app: {{image: app, networks: {{default: {{aliases: [shop]}}}}{more}}}\n"))
}

/// The gateway that the model asks for, with the names that the plan gives it, and containers without them.
fn behind(mut world: World) -> World {
    let inside = world.plan().inside;
    for container in &mut world.running.containers {
        container.inside = inside.carried.contains_key(&container.service);
    }
    let names = inside.carried.iter().map(|(name, carried)| (name.clone(), carried.names.clone()));
    world.running.inside = inside
        .carried
        .iter()
        .map(|(name, carried)| (name.clone(), carried.ports.clone()))
        .collect();
    world.gateway(names.collect())
}

#[test]
fn names_and_ports_are_those_that_the_files_give() {
    let inside = World::empty(&app(", expose: [\"8080\"]")).plan().inside;
    assert_eq!(inside.carried["app"].names["shop_default"], ["app", "shop"]);
    assert_eq!(inside.carried["app"].ports, [8080].into());
    assert_eq!(inside.carried["web"].ports, [80].into());
    let mut world = World::empty(&app(""));
    world.facts.insert("app".to_owned(), Facts { ports: [9000].into(), ..Facts::default() });
    assert_eq!(world.plan().inside.carried["app"].ports, [9000].into());
}

#[test]
fn who_is_left_out_and_why() {
    let why = |more: &str| World::empty(&app(more)).plan().inside.left_out.remove("app");
    assert_eq!(why(""), Some(LeftOut::NoPorts));
    assert_eq!(why(", expose: [\"8080\"]"), None);
    let port = |more: &str| why(&format!(", expose: [\"8080\", \"53/udp\"]{more}"));
    assert_eq!(port(""), Some(LeftOut::Udp));
    let name = "shop".to_owned();
    assert_eq!(port(", container_name: shop"), Some(LeftOut::OwnName { name: name.clone() }));
    assert_eq!(port(", hostname: shop"), Some(LeftOut::OwnName { name }));
    assert_eq!(port(", volumes: [{type: volume, source: d, target: /d}]"), Some(LeftOut::Data));
    let redis = "  db: {image: 'redis:7', networks: {default: null}, expose: ['6379']";
    let db = |more: &str| World::empty(&stack(&format!("{redis}{more}}}\n"))).plan().inside;
    let image = "redis".to_owned();
    assert_eq!(db("").left_out["db"], LeftOut::Database { image });
    assert!(db(", x-backstay: {gateway: {inside: true}}").carried.contains_key("db"));
    let off = db(", x-backstay: {gateway: {inside: false}}");
    assert!(!off.left_out.contains_key("db") && !off.carried.contains_key("db"));
    let lent = "  app: {image: app, networks: {default: null}, expose: ['1']}\n  \
        b: {image: b, network_mode: 'service:app'}\n  l: {image: l, networks: {default: null}, links: [web]}\n";
    let lent = World::empty(&stack(lent)).plan().inside.left_out;
    assert_eq!(lent["app"], LeftOut::Network);
    assert_eq!(lent["web"], LeftOut::Linked { service: "l".to_owned() });
}

#[test]
fn of_two_on_one_port_in_one_network_the_one_that_is_told_is_carried() {
    let two = |network: &str, more: &str| {
        World::empty(&stack(&format!(
            "  app: {{image: app, networks: {{default: null}}, expose: ['8080']{more}}}\n  \
             api: {{image: api, networks: {{{network}: null}}, expose: ['8080']}}\n"
        )))
        .plan()
        .inside
    };
    let same = two("default", "");
    let other = |service: &str| LeftOut::SamePort { port: 8080, service: service.to_owned() };
    assert_eq!((&same.left_out["app"], &same.left_out["api"]), (&other("api"), &other("app")));
    let told = two("default", ", x-backstay: {gateway: {inside: true}}");
    assert!(told.carried.contains_key("app"));
    assert_eq!(told.left_out["api"], other("app"));
    assert_eq!(two("back", "").carried.len(), 3);
}

#[test]
fn whoever_has_no_host_port_is_switched_while_both_can_be_found() {
    let world = World::up(&app(", expose: [\"8080\"]"));
    let plan = world.plan();
    let change = plan.change("app").unwrap();
    assert_eq!((&change.action, change.method), (&Action::Replace, Method::Beside));
    assert_eq!(change.reasons, [Reason::Names { gateway: true }]);
    assert_eq!(
        kinds(&plan).join(" "),
        "create rehearse make-gateway gateway-on replace replace bake verify"
    );
    // And back again, before the gateway goes.
    let plain = "networks: {default: {name: shop_default}}\nservices:\n  app: {image: app, networks: \
        {default: null}, expose: ['8080']}\n";
    let back = behind(world).becomes(plain).plan();
    assert_eq!(back.change("app").unwrap().reasons, [Reason::Names { gateway: false }]);
    let kinds = kinds(&back);
    let place = |kind: &str| kinds.iter().position(|known| *known == kind).unwrap();
    assert!(place("replace") < place("gateway-off"), "{kinds:?}");
}

#[test]
fn nobody_looks_again_where_the_gateway_stays() {
    let side = app(", expose: [\"8080\"]") + "  side: {image: nginx, networks: {default: null}}\n";
    let direct = World::up(&side).plan();
    assert!(direct.followers.iter().any(|follower| follower.of == "app"));
    let led = behind(World::up(&side)).new_image("app").plan();
    assert_eq!(led.change("app").unwrap().action, Action::Replace);
    assert_eq!(led.followers, []);
    assert!(!led.inside.anew);
}

#[test]
fn whoever_looks_up_once_starts_when_the_gateway_leads_there() {
    let side = app(", expose: [\"8080\"]") + "  side: {image: nginx, networks: {default: null}}\n";
    let led = behind(World::up(&side)).new_image("app").new_image("side");
    let plan = led.plan();
    let change = plan.change("side").unwrap();
    assert_eq!(change.method, Method::RehearsedBeside);
    assert_eq!(change.why, [Why::LooksUp { service: "app".to_owned() }]);
    assert!(turn(&plan, "app") < turn(&plan, "side"));
    let alone = behind(World::up(&side)).new_image("side").plan();
    assert_eq!(alone.change("side").unwrap().method, Method::Beside);
}

#[test]
fn a_service_that_is_new_waits_for_a_gateway_that_is_made_anew() {
    let world = behind(World::up(&app(", expose: [\"8080\"]")));
    let more = app(", expose: [\"8080\"]")
        + "  new: {image: new, networks: {default: null}, expose: ['81']}\n";
    let world = world.becomes(&more);
    let plan = world.plan();
    assert_eq!((&plan.inside.left_out["new"], plan.inside.anew), (&LeftOut::Later, false));
    let mut desired = world.desired();
    desired.takes_in = true;
    let plan = backstay_core::plan::Plan::build(&desired, &world.running, crate::stacks::DEPLOY);
    assert!(plan.inside.anew && plan.inside.carried.contains_key("new"));
}
