//! What holds for every plan, whatever the model and whatever runs.

use std::collections::BTreeSet;

use backstay_core::engine::{Container, Status};
use backstay_core::plan::{Action, Manner, Method, Plan, Reason, Running, Step, Why};
use backstay_core::stack::{Model, Service};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::simulation::after;
use crate::stacks::{World, container, definition, image, live, services_of, turn};

/// A service's body, as numbers that a shrinker can make smaller.
#[derive(Debug, Clone)]
struct Body {
    application: bool,
    image: u8,
    replicas: u32,
    /// Bits: on which earlier services it depends.
    depends: u8,
    /// Which earlier service's network it borrows, where it does.
    borrows: Option<u8>,
    host_network: bool,
    fixed_address: bool,
    /// How many host ports of its own it has; none where 0.
    ports: u16,
    order: u8,
    rollback_order: u8,
    restart: u8,
    healthcheck: bool,
}

/// What runs of a service.
#[derive(Debug, Clone)]
struct Found {
    /// How many containers more or less than it should have; none at all where it is `None`.
    surplus: Option<i8>,
    other_image: bool,
    other_definition: bool,
    /// Whether the containers carry their fingerprint themselves.
    labelled: bool,
    status: u8,
}

fn body() -> impl Strategy<Value = Body> {
    let rollout = (any::<bool>(), 0..4_u8, 0..4_u32, 0..3_u8, 0..3_u8, 0..4_u8, any::<bool>());
    let ties = (
        any::<u8>(),
        proptest::option::weighted(0.2, any::<u8>()),
        proptest::bool::weighted(0.1),
        proptest::bool::weighted(0.1),
        0..5_u16,
    );
    (rollout, ties).prop_map(|(rollout, ties)| {
        let (application, image, replicas, order, rollback_order, restart, healthcheck) = rollout;
        let (depends, borrows, host_network, fixed_address, ports) = ties;
        Body {
            application,
            image,
            replicas,
            depends,
            borrows,
            host_network,
            fixed_address,
            ports,
            order,
            rollback_order,
            restart,
            healthcheck,
        }
    })
}

fn found() -> impl Strategy<Value = Found> {
    let surplus = proptest::option::weighted(0.85, prop_oneof![4 => Just(0), 1 => -2..3_i8]);
    let differs = || proptest::bool::weighted(0.25);
    (surplus, differs(), differs(), any::<bool>(), 0..8_u8).prop_map(
        |(surplus, other_image, other_definition, labelled, status)| Found {
            surplus,
            other_image,
            other_definition,
            labelled,
            status,
        },
    )
}

/// Names whose order says nothing about who depends on whom.
const NAMES: [&str; 6] = ["m", "c", "x", "a", "z", "f"];

fn world() -> impl Strategy<Value = (World, Manner)> {
    let services = proptest::collection::vec((body(), found()), 0..NAMES.len());
    let only = proptest::option::weighted(0.3, any::<u8>());
    let manner = (any::<bool>(), any::<bool>())
        .prop_map(|(rehearsal, rollback)| Manner { rehearsal, rollback });
    (services, only, 0..3_u32, any::<bool>(), manner).prop_map(
        |(services, only, gone, stale, manner)| (build(&services, only, gone, stale), manner),
    )
}

fn build(services: &[(Body, Found)], only: Option<u8>, gone: u32, stale: bool) -> World {
    let bodies: Map<String, Value> = services
        .iter()
        .enumerate()
        .map(|(at, (body, _))| (NAMES[at].to_owned(), value(at, body)))
        .collect();
    let model = Model::from_value(json!({"name": "shop", "services": bodies})).unwrap();
    let mut world = World::of(model);
    for (at, (_, found)) in services.iter().enumerate() {
        let service = world.model.services[NAMES[at]].clone();
        run(&mut world.running, &service, found);
    }
    world.running.containers.extend((1..=gone).map(|number| container("gone", number, "1")));
    if stale {
        world.running.stale_tags.insert("shop-m".to_owned());
    }
    world.only = only.map(|bits| {
        let named = NAMES.iter().enumerate().filter(|(at, _)| bits & (1 << at) != 0);
        named.map(|(_, name)| (*name).to_owned()).collect()
    });
    world
}

fn value(at: usize, body: &Body) -> Value {
    let images = ["nginx:1", "postgres:16", "registry:5000/shop/app", "redis@sha256:00"];
    let orders = [Value::Null, json!("start-first"), json!("stop-first")];
    let restarts = ["no", "on-failure:3", "always", "unless-stopped"];
    let earlier = |index: u8| NAMES[usize::from(index) % at];
    let depends: Map<String, Value> = (0..at)
        .filter(|other| body.depends & (1 << other) != 0)
        .map(|other| (NAMES[other].to_owned(), json!({"condition": "service_healthy"})))
        .collect();
    let mut value = json!({
        "image": images[usize::from(body.image)],
        "restart": restarts[usize::from(body.restart)],
        "depends_on": depends,
        "deploy": {
            "replicas": body.replicas,
            "update_config": {"order": orders[usize::from(body.order)]},
            "rollback_config": {"order": orders[usize::from(body.rollback_order)]},
        },
    });
    if body.application {
        value["build"] = json!({"context": "/x"});
    }
    if body.healthcheck {
        value["healthcheck"] = json!({"test": ["CMD", "true"]});
    }
    if body.host_network {
        value["network_mode"] = json!("host");
    } else if let Some(lender) = body.borrows.filter(|_| at > 0) {
        value["network_mode"] = json!(format!("service:{}", earlier(lender)));
    }
    if body.fixed_address {
        value["networks"] = json!({"default": {"ipv4_address": "10.0.0.7"}});
    }
    if body.ports > 0 {
        let first = 8000 + u16::try_from(at).unwrap() * 10;
        let range = format!("{first}-{}", first + body.ports - 1);
        value["ports"] = json!([{"target": 80, "published": range, "protocol": "tcp"}]);
    }
    value
}

fn run(running: &mut Running, service: &Service, found: &Found) {
    let Some(surplus) = found.surplus else { return };
    let count = service.replicas.saturating_add_signed(surplus.into());
    let name = &service.name;
    for number in 1..=count {
        let mut container: Container = live(service, number, "1");
        if found.other_image {
            container.image = image(name, "0");
        }
        let own = definition(name, if found.other_definition { "0" } else { "1" });
        container.fingerprint = Some(own);
        if !found.labelled {
            let own = container.fingerprint.take().unwrap();
            running.fingerprints.insert(container.id.clone(), own);
        }
        if number == 1 {
            let (status, code) = [
                (Status::Exited, 0),
                (Status::Exited, 1),
                (Status::Created, 0),
                (Status::Dead, 0),
                (Status::Paused, 0),
                (Status::Restarting, 1),
            ]
            .get(usize::from(found.status))
            .copied()
            .unwrap_or((Status::Running, 0));
            container.state.status = status;
            container.state.exit_code = code;
        }
        running.containers.push(container);
    }
}

fn in_scope(world: &World, service: &str) -> bool {
    world.only.as_ref().is_none_or(|only| only.contains(service))
}

/// Whether what runs of a service is something else than it should be.
fn differs(world: &World, service: &str) -> bool {
    let known = &world.running.fingerprints;
    world.running.containers.iter().filter(|c| c.service == service).any(|c| {
        let own = c.fingerprint.as_ref().or_else(|| known.get(&c.id));
        Some(&c.image) != world.images[service].as_ref()
            || own != Some(&world.fingerprints[service])
            || c.state.status == Status::Dead
    })
}

/// Whether a container is down that should not be, while there are too many or too few.
fn is_down_and_scaled(world: &World, service: &Service) -> bool {
    let live: Vec<&Container> =
        world.running.containers.iter().filter(|c| c.service == service.name).collect();
    let is_down = |c: &&Container| match c.state.status {
        Status::Created => true,
        Status::Exited => c.state.exit_code != 0 || !service.may_complete(),
        _ => false,
    };
    live.len() != service.replicas as usize && live.iter().any(is_down)
}

fn of_kind(plan: &Plan, kind: fn(&Step) -> bool) -> Vec<(usize, Vec<&str>)> {
    let steps = plan.steps.iter().enumerate().filter(|(_, step)| kind(step));
    steps.map(|(index, step)| (index, services_of(step))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 384, ..ProptestConfig::default() })]

    #[test]
    fn a_service_is_replaced_when_and_only_when_there_is_a_reason((world, manner) in world()) {
        let plan = world.plan_with(manner);
        for (name, service) in &world.model.services {
            let runs = world.running.containers.iter().any(|c| &c.service == name);
            let follows = runs && service.borrows.iter().any(|lender| {
                matches!(plan.change(lender).unwrap().action, Action::Replace | Action::Add | Action::Start)
            });
            let change = plan.change(name).unwrap();
            let changes = differs(&world, name) || is_down_and_scaled(&world, service);
            let expected = in_scope(&world, name) && changes || follows;
            prop_assert_eq!(change.action == Action::Replace, expected, "{}: {:?}", name, change);
            prop_assert_eq!(
                change.reasons.iter().any(|why| matches!(why, Reason::Borrows { .. })),
                follows
            );
        }
    }

    #[test]
    fn what_changes_has_exactly_one_turn_and_what_stays_has_none((world, manner) in world()) {
        let plan = world.plan_with(manner);
        let named = plan.changes.iter().map(|c| &c.service).collect::<BTreeSet<_>>();
        prop_assert_eq!(named.len(), plan.changes.len(), "a service is named twice");
        for change in &plan.changes {
            // One that stays may have to look again where another one is.
            let steps = plan.steps.iter().filter(|step| !matches!(step, Step::Follow { .. }));
            let touched = steps.clone().any(|step| services_of(step).contains(&change.service.as_str()));
            match change.action {
                Action::Keep | Action::BuildFirst => prop_assert!(!touched, "{:?}", plan),
                Action::Start | Action::Remove => { turn(&plan, &change.service); }
                Action::Add | Action::Replace | Action::Scale { .. } => {
                    let index = turn(&plan, &change.service);
                    let replaced = matches!(plan.steps[index], Step::Replace { .. });
                    prop_assert!(replaced, "{:?}", plan.steps);
                }
            }
        }
        for step in &plan.steps {
            let services = services_of(step);
            prop_assert!(services.iter().all(|name| plan.change(name).is_some()));
            let once: BTreeSet<_> = services.iter().collect();
            prop_assert_eq!(once.len(), services.len(), "{:?}", step);
            let empty = services.is_empty() && !matches!(step, Step::Tags | Step::Verify);
            prop_assert!(!empty, "a step without a service: {:?}", plan);
        }
    }

    #[test]
    fn steps_follow_each_other_and_verify_ends_them((world, manner) in world()) {
        let plan = world.plan_with(manner);
        let rank = |step: &Step| match step {
            Step::Tags => 0,
            Step::Start { .. } => 1,
            Step::Create { .. } => 2,
            // Who depends on one that can't run twice is rehearsed when that one was replaced.
            Step::Rehearse { .. } | Step::Follow { .. } | Step::Replace { .. } => 4,
            Step::Bake { .. } => 5,
            Step::Verify => 6,
            other => panic!("a plan does not prepare: {other:?}"),
        };
        // What goes may go early, where another one waits for its port.
        let stays = plan.steps.iter().filter(|step| !matches!(step, Step::Remove { .. }));
        let ranks: Vec<u8> = stays.map(rank).collect();
        prop_assert!(ranks.is_sorted(), "{:?}", plan.steps);
        for once in [0, 1, 2, 5, 6] {
            prop_assert!(ranks.iter().filter(|rank| **rank == once).count() <= 1);
        }
        prop_assert_eq!(plan.steps.last(), Some(&Step::Verify));
    }

    #[test]
    fn what_is_created_is_switched_and_watched_and_only_what_can_be_is_rehearsed((world, manner) in world()) {
        let plan = world.plan_with(manner);
        let all = |kind| of_kind(&plan, kind).into_iter().flat_map(|(_, names)| names).collect::<BTreeSet<_>>();
        let created = all(|step| matches!(step, Step::Create { .. }));
        let replaced = all(|step| matches!(step, Step::Replace { .. }));
        let started = all(|step| matches!(step, Step::Start { .. }));
        let baked = all(|step| matches!(step, Step::Bake { .. }));
        let rehearsed = all(|step| matches!(step, Step::Rehearse { .. }));
        prop_assert!(created.is_subset(&replaced));
        prop_assert_eq!(&baked, &created.union(&started).copied().collect());
        let can_be = created.iter().copied().filter(|name| {
            plan.change(name).unwrap().is_rehearsed()
        });
        prop_assert_eq!(&rehearsed, &can_be.collect());
        let at = |kind: fn(&Step) -> bool, name: &str| {
            of_kind(&plan, kind).into_iter().find(|(_, names)| names.contains(&name)).map(|(at, _)| at)
        };
        for name in rehearsed {
            let (first, then) = (
                at(|step| matches!(step, Step::Rehearse { .. }), name),
                at(|step| matches!(step, Step::Replace { .. }), name),
            );
            prop_assert!(first < then, "{}: {:?}", name, plan.steps);
        }
    }

    #[test]
    fn dependencies_have_their_turn_first((world, manner) in world()) {
        let plan = world.plan_with(manner);
        let turns = of_kind(&plan, |step| matches!(step, Step::Replace { .. }));
        let place = |name: &str| turns.iter().find(|(_, names)| names.contains(&name)).map(|(at, _)| *at);
        let waves = plan.steps.iter().find_map(|step| match step {
            Step::Rehearse { waves } => Some(waves.clone()),
            _ => None,
        });
        let wave = |name: &str| waves.iter().flatten().position(|wave| wave.iter().any(|n| n == name));
        for (name, service) in &world.model.services {
            for other in service.depends_on.keys().chain(&service.borrows) {
                if let (Some(after), Some(before)) = (place(name), place(other)) {
                    // Who waits for a port of the other is switched with it: all stop before one starts.
                    let trades = service.ports.len() + world.model.services[other].ports.len() > 0
                        || world.running.containers.iter().any(|c| !c.ports.is_empty());
                    prop_assert!(before < after || before == after && trades, "{} needs {}: {:?}", name, other, plan.steps);
                }
                if let (Some(after), Some(before)) = (wave(name), wave(other)) {
                    prop_assert!(before < after, "{} needs {}: {:?}", name, other, waves);
                }
            }
        }
    }

    #[test]
    fn two_containers_never_claim_the_same_thing_at_once((world, manner) in world()) {
        let plan = world.plan_with(manner);
        for change in plan.changes.iter().filter(|c| c.method == Method::Beside) {
            let service = &world.model.services[&change.service];
            prop_assert!(service.network_mode.as_deref() != Some("host"));
            prop_assert!(service.borrows.is_empty());
            prop_assert!(service.networks.values().all(|network| !network.fixed_address));
            if change.action == Action::Add {
                // Nobody has what it claims.
                let others = world.running.containers.iter().flat_map(|c| &c.ports);
                let mut others = others.map(|held| held.port);
                let claims = |port: u16| service.ports.iter().any(|p| {
                    p.published.is_some_and(|(first, last)| (first..=last).contains(&port))
                });
                prop_assert!(!others.any(claims));
                continue;
            }
            for (first, last) in service.ports.iter().filter_map(|port| port.published) {
                prop_assert!(u32::from(last - first) + 1 >= 2 * service.replicas);
            }
        }
        for change in &plan.changes {
            let smooth = matches!(change.method, Method::None | Method::Beside);
            let first = world.running.containers.is_empty();
            let told = !change.why.is_empty() || first || change.why == [Why::OneShot];
            prop_assert!(smooth || told, "{:?}", change);
            prop_assert!(!smooth || change.why.is_empty() || change.why == [Why::OneShot], "{:?}", change);
            let turns = change.switches() && change.action != Action::Remove;
            prop_assert_eq!(change.method == Method::None, !turns, "{:?}", change);
            prop_assert!(!change.has_twin() || manner.rehearsal);
        }
    }

    #[test]
    fn after_a_plan_there_is_nothing_left_to_do((world, manner) in world()) {
        let plan = world.plan_with(manner);
        let done = after(&world.desired(), &world.running, &plan);
        let again = World { running: done.clone(), ..world.clone() }.plan_with(manner);
        prop_assert!(again.is_empty(), "first {:?}\nthen {:?}", plan, again);
        let then = World { running: done.clone(), ..world.clone() };
        for (name, service) in &world.model.services {
            let count = done.containers.iter().filter(|c| &c.service == name).count();
            if in_scope(&world, name) {
                prop_assert_eq!(count, service.replicas as usize);
                prop_assert!(!differs(&then, name));
            }
        }
        let stray = done.containers.iter().any(|c| !world.model.services.contains_key(&c.service));
        prop_assert_eq!(stray, world.only.is_some() && world.running.containers.iter().any(|c| c.service == "gone"));
    }

    #[test]
    fn what_is_kept_is_what_it_was((world, manner) in world()) {
        let plan = world.plan_with(manner);
        let done = after(&world.desired(), &world.running, &plan);
        for change in plan.changes.iter().filter(|c| c.action == Action::Keep) {
            let of = |running: &Running| -> Vec<Container> {
                running.containers.iter().filter(|c| c.service == change.service).cloned().collect()
            };
            prop_assert_eq!(of(&world.running), of(&done));
        }
    }

    #[test]
    fn a_plan_depends_on_nothing_else_and_survives_being_written_down((world, manner) in world()) {
        let plan = world.plan_with(manner);
        prop_assert_eq!(&plan, &world.plan_with(manner));
        let mut shuffled = world.clone();
        shuffled.running.containers.reverse();
        let other = shuffled.plan_with(manner);
        prop_assert_eq!(&plan.steps, &other.steps);
        let text = serde_json::to_string(&plan).unwrap();
        prop_assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan);
    }
}

/// Which port each of four independent services has before and after.
fn ports() -> impl Strategy<Value = (Vec<usize>, Vec<usize>)> {
    let four = || Just((0..7).collect::<Vec<usize>>()).prop_shuffle();
    (four(), four()).prop_map(|(before, after)| (before[..4].to_vec(), after[..4].to_vec()))
}

/// Whether the services hand their ports on in a ring, so that nobody can go first.
fn is_ring(before: &[usize], after: &[usize]) -> bool {
    (0..before.len()).any(|start| {
        let mut at = start;
        for _ in 0..before.len() {
            match before.iter().position(|port| *port == after[at]) {
                Some(next) if next == at => return false,
                Some(next) if next == start => return true,
                Some(next) => at = next,
                None => return false,
            }
        }
        false
    })
}

/// Four services that publish these ports and depend on earlier ones by these bits.
fn publishing(ports: &[usize], depends: &[u8]) -> String {
    let list = ports.iter().enumerate().map(|(at, port)| {
        let needs = (0..at).filter(|other| depends[at] & (1 << other) != 0);
        let needs: String = needs
            .map(|other| format!("{}: {{condition: service_started}}, ", NAMES[other]))
            .collect();
        let port = format!("{{target: 80, published: \"{}\", protocol: tcp}}", 8000 + port);
        let name = NAMES[at];
        format!("  {name}: {{build: {{context: /x}}, ports: [{port}], depends_on: {{{needs}}}}}\n")
    });
    format!("services:\n{}", list.collect::<String>())
}

/// The plan for four services whose ports move, and for each port that moves its old and its new holder.
fn moving(before: &[usize], after: &[usize], depends: &[u8]) -> (Plan, Vec<(usize, usize)>) {
    let old = World::up(&publishing(before, depends));
    let mut world = old.becomes(&publishing(after, depends));
    for (at, name) in NAMES.iter().enumerate().take(4) {
        if before[at] != after[at] {
            world = world.new_definition(name);
        }
    }
    let holder = |port: &usize| before.iter().position(|held| held == port);
    let moves = after.iter().enumerate().filter_map(|(to, port)| Some((holder(port)?, to)));
    (world.plan(), moves.filter(|(from, to)| from != to).collect())
}

proptest! {
    #[test]
    fn ports_that_move_are_free_when_they_are_claimed((before, after) in ports()) {
        prop_assume!(!is_ring(&before, &after));
        let (plan, moves) = moving(&before, &after, &[0; 4]);
        for (from, to) in moves {
            let (from, to) = (turn(&plan, NAMES[from]), turn(&plan, NAMES[to]));
            prop_assert!(from < to, "{:?}", plan.steps);
        }
    }

    /// Those that can't go one after the other share a step, all of which is stopped before any of it is started.
    #[test]
    fn ports_that_move_in_a_ring_or_against_dependencies_are_claimed_no_sooner_than_free(
        (before, after) in ports(),
        depends in proptest::collection::vec(any::<u8>(), 4),
    ) {
        let (plan, moves) = moving(&before, &after, &depends);
        for (from, to) in moves {
            let (from, to) = (turn(&plan, NAMES[from]), turn(&plan, NAMES[to]));
            prop_assert!(from <= to, "{:?}", plan.steps);
        }
        for change in plan.changes.iter().filter(|change| change.action == Action::Replace) {
            turn(&plan, &change.service);
        }
    }

    #[test]
    fn dependencies_and_ports_are_both_followed_where_that_is_possible(
        (before, after) in ports(),
        depends in proptest::collection::vec(any::<u8>(), 4),
    ) {
        let (plan, moves) = moving(&before, &after, &depends);
        let changed = |at: usize| before[at] != after[at];
        let needs = (0..4).flat_map(|at| (0..at).map(move |other| (other, at)));
        let needs: Vec<(usize, usize)> = needs
            .filter(|(other, at)| depends[*at] & (1 << other) != 0)
            .collect();
        let edges: Vec<(usize, usize)> = needs.iter().chain(&moves).copied().collect();
        prop_assume!(!has_circle(&edges));
        for (first, then) in edges.into_iter().filter(|(a, b)| changed(*a) && changed(*b)) {
            let (first, then) = (turn(&plan, NAMES[first]), turn(&plan, NAMES[then]));
            prop_assert!(first < then, "{:?}", plan.steps);
        }
    }
}

/// Whether there is no order of four services in which each edge leads forward.
fn has_circle(edges: &[(usize, usize)]) -> bool {
    let mut placed = BTreeSet::new();
    for _ in 0..4 {
        let free = |at: &usize| edges.iter().all(|(from, to)| to != at || placed.contains(from));
        let next: Vec<usize> = (0..4).filter(free).collect();
        placed.extend(next);
    }
    placed.len() < 4
}
