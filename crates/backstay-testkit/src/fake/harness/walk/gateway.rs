//! What has to hold of the gateway when a run has ended well.

use std::collections::BTreeSet;

use backstay_core::engine::Status;
use backstay_core::naming::is_warm;
use backstay_core::stack::StackRef;

use super::path::Walk;
use super::rich::{PROJECT, is_gateway};
use crate::fake::engine::compose;
use crate::fake::{FakeContainer, World};

/// What is wrong with it: whether it is there is for the files to say.
pub(super) fn unfit(walk: &Walk) -> Vec<String> {
    let (world, stack) = (walk.machine.snapshot(), walk.stack());
    let mine = |c: &&FakeContainer| is_gateway(&world, c);
    let all: Vec<&FakeContainer> = world.engine.containers.values().filter(mine).collect();
    let held = match held(&world, &stack) {
        Ok(held) => held,
        Err(problem) => return vec![problem],
    };
    let gateway = match all[..] {
        [] if held.is_empty() => return Vec::new(),
        [one] if !held.is_empty() => one,
        _ => {
            let names: Vec<&str> = all.iter().map(|found| found.name.as_str()).collect();
            return vec![format!("the gateways are {names:?}, which hold for {held:?}")];
        }
    };
    let mut found = Vec::new();
    if gateway.life.status != Status::Running {
        found.push(format!("the gateway does not run: {:?}", gateway.life.status));
    }
    if gateway.name != format!("{PROJECT}-backstay-gateway") {
        found.push(format!("the gateway is called {}", gateway.name));
    }
    let routes = &world.engine.gateways[&gateway.id].routes;
    for service in &held {
        let led = routes.services.get(service).map(|to| to.targets.iter().map(|to| &to.id));
        let led: BTreeSet<&String> = led.into_iter().flatten().collect();
        let live = world.engine.containers.values().filter(|container| {
            container.project.as_deref() == Some(PROJECT)
                && &container.service == service
                && !is_warm(&container.name)
        });
        let live: BTreeSet<&String> = live.map(|container| &container.id).collect();
        if led != live {
            found.push(format!("the gateway leads to {led:?} for {service}, not to {live:?}"));
        }
    }
    found
}

/// The services for which the files say that the gateway holds ports.
fn held(world: &World, stack: &StackRef) -> Result<BTreeSet<String>, String> {
    let model = compose::model(&world.disk, stack).map_err(|error| error.to_string())?;
    Ok(model.gateway.ports.iter().map(|port| port.service.clone()).collect())
}
