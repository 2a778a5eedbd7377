//! What a plan leads to, worked out without an engine.

use std::collections::BTreeMap;

use backstay_core::engine::{Container, Status};
use backstay_core::plan::{Action, Desired, Plan, Running, Step};

use crate::stacks::{container, live};

/// What runs after a plan's steps, taken one by one.
pub(crate) fn after(desired: &Desired<'_>, running: &Running, plan: &Plan) -> Running {
    let mut running = running.clone();
    let mut created: BTreeMap<&str, Vec<Container>> = BTreeMap::new();
    for step in &plan.steps {
        match step {
            Step::Tags => running.stale_tags.clear(),
            Step::Create { services } => {
                for service in services {
                    let new = create(desired, &running, plan, service);
                    assert!(created.insert(service, new).is_none(), "{service} is created twice");
                }
            }
            Step::Replace { services } => {
                for service in services {
                    replace(&mut running, plan, service, created.remove(service.as_str()));
                }
            }
            Step::Start { services } => {
                for container in of(&mut running, services) {
                    container.state.status = Status::Running;
                    container.state.exit_code = 0;
                }
            }
            Step::Remove { services } => {
                running.containers.retain(|c| !services.contains(&c.service));
            }
            Step::Rehearse { waves } => {
                for service in waves.iter().flatten() {
                    assert!(created.contains_key(service.as_str()), "{service} is not created");
                }
            }
            Step::Follow { .. } | Step::Bake { .. } | Step::Verify => {}
            other => panic!("a plan does not prepare: {other:?}"),
        }
    }
    assert!(created.is_empty(), "created and never live: {created:?}");
    running
}

fn of<'a>(running: &'a mut Running, services: &[String]) -> Vec<&'a mut Container> {
    running.containers.iter_mut().filter(|c| services.contains(&c.service)).collect()
}

fn create(desired: &Desired<'_>, running: &Running, plan: &Plan, service: &str) -> Vec<Container> {
    let definition = &desired.model.services[service];
    let there = running.containers.iter().filter(|c| c.service == service);
    let first = match plan.change(service).unwrap().action {
        Action::Scale { .. } => there.map(|c| c.number).max().unwrap_or(0) + 1,
        _ => 1,
    };
    let count = match plan.change(service).unwrap().action {
        Action::Scale { from, to } => to - from,
        _ => definition.replicas,
    };
    let image = desired.images[service].clone().expect("its image is known by now");
    (first..first + count)
        .map(|number| {
            let like = live(definition, number, "new");
            Container {
                image: image.clone(),
                fingerprint: Some(desired.fingerprints[service].clone()),
                ..like
            }
        })
        .collect()
}

fn replace(running: &mut Running, plan: &Plan, service: &str, created: Option<Vec<Container>>) {
    match plan.change(service).unwrap().action {
        Action::Replace | Action::Add => {
            running.containers.retain(|c| c.service != service);
            running.containers.extend(created.expect("it was created"));
        }
        Action::Scale { from, to } if to > from => {
            running.containers.extend(created.expect("it was created"));
        }
        Action::Scale { to, .. } => {
            assert!(created.is_none(), "{service} shrinks and has new containers");
            let mut kept: Vec<Container> =
                running.containers.extract_if(.., |c| c.service == service).collect();
            kept.sort_by_key(|c| c.number);
            kept.truncate(to as usize);
            running.containers.extend(kept);
        }
        ref other => panic!("{service} takes a turn and is to {other:?}"),
    }
}

#[test]
fn the_simulation_itself_can_tell_right_from_wrong() {
    let world = crate::stacks::World::up("services: {web: {image: w}}").new_image("web");
    let plan = world.plan();
    let done = after(&world.desired(), &world.running, &plan);
    assert_eq!(done.containers.len(), 1);
    assert_eq!(done.containers[0].image, crate::stacks::image("web", "2"));
    assert_ne!(done.containers[0], container("web", 1, "1"));
}
