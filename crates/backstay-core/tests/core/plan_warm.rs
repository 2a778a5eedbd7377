//! Whose old containers stay up for a while after the commit.

use backstay_core::engine::NamesInside;
use backstay_core::plan::{Manner, Memory, Method};

use crate::stacks::{DEPLOY, World, change};

const WEB: &str = "\
services:
  web:
    build: .
    networks: {default: }
    x-backstay-gateway: {ports: [{published: 8080, target: 80}]}
";

const NETWORKS: &str = "networks: {default: {name: shop_default}}\n";

/// A stack behind its gateway, with a new image for `web`.
fn behind(more: &str) -> World {
    let mut world = World::up(&format!("{WEB}{more}{NETWORKS}"));
    for container in &mut world.running.containers {
        container.run = Some("1".to_owned());
    }
    world.gateway(NamesInside::new()).new_image("web")
}

fn warm(world: &World) -> Option<u64> {
    let plan = world.plan();
    assert_eq!(change(&plan, "web").method, Method::Beside);
    change(&plan, "web").warm
}

#[test]
fn what_runs_beside_the_new_one_anyway_stays_for_its_time() {
    assert_eq!(warm(&behind("")), Some(60));
    let says = |time: &str| format!("    x-backstay: {{gateway: {{keep_warm: {time}}}}}\n");
    assert_eq!(warm(&behind(&says("2m"))), Some(120));
    assert_eq!(warm(&behind(&says("0s"))), None);
    let back = behind("").plan_with(Manner { rollback: true, ..DEPLOY });
    assert_eq!(change(&back, "web").warm, Some(60));
}

#[test]
fn nobody_stays_whom_others_reach() {
    let api = "  api:\n    build: .\n    networks: {default: }\n    depends_on: {web: {condition: service_started}}\n";
    assert_eq!(warm(&behind(api)), None);
    let alone = "  api:\n    build: .\n    networks: {default: }\n";
    assert_eq!(warm(&behind(alone)), Some(60));
}

#[test]
fn nobody_stays_where_the_gateway_is_to_be_another_one() {
    let mut world = behind("");
    world.running.gateway.as_mut().unwrap().ports.clear();
    assert_eq!(change(&world.plan(), "web").warm, None);
}

#[test]
fn nobody_stays_for_whom_memory_would_be_missing_on_the_way_back() {
    let with = |free: u64| {
        let mut world = behind("");
        world.memory = Some(Memory { free, used: [("web".to_owned(), 100)].into() });
        warm(&world)
    };
    assert_eq!((with(250), with(200)), (Some(60), None));
}
