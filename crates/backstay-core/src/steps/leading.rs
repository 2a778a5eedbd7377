//! Whether the gateway leads where it should.

use std::collections::{BTreeMap, BTreeSet};

use crate::context::Context;
use crate::engine::{Container, EngineResult, Gateway};
use crate::gateway::{ports_inside, strays};
use crate::plan::{Inside, live_gateway, wish};
use crate::stack::Model;

/// Where a gateway leads: the services for which it leads to other containers than those that are live, and the ports by which
/// it leads to services inside.
pub(super) async fn now(
    ctx: &Context,
    model: &Model,
    gateway: Option<&Gateway>,
    live: &[Container],
) -> EngineResult<(BTreeSet<String>, BTreeMap<String, BTreeSet<u16>>)> {
    let (Some(gateway), Some(wish)) = (gateway, wish(model)) else { return Ok(Default::default()) };
    let routes = ctx.engine.routes(&gateway.id).await?;
    let astray = if wish.is(gateway) { strays(&routes, &ids(live)) } else { BTreeSet::new() };
    Ok((astray, ports_inside(&routes)))
}

fn ids(live: &[Container]) -> BTreeMap<String, BTreeSet<String>> {
    let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for container in live {
        ids.entry(container.service.clone()).or_default().insert(container.id.clone());
    }
    ids
}

/// How the gateway differs from what the model asks for: in its ports, and in whom it leads to.
pub(super) async fn differences(
    ctx: &Context,
    model: &Model,
    inside: &Inside,
    live: &[Container],
) -> EngineResult<Vec<String>> {
    let Some(wish) = wish(model) else { return Ok(Vec::new()) };
    let Some(gateway) = live_gateway(ctx.engine.gateways(&model.project).await?) else {
        return Ok(vec!["there is no gateway".to_owned()]);
    };
    if !wish.is(&gateway) {
        return Ok(vec![format!("{} does not hold the ports that it should", gateway.name)]);
    }
    let routes = ctx.engine.routes(&gateway.id).await?;
    let strays = strays(&routes, &ids(live));
    let name = &gateway.name;
    // Nobody leads to one that the model does not have, until the next routes forget it.
    let told = strays.iter().filter(|service| model.services.contains_key(*service));
    let told = told.map(|service| format!("{name} leads elsewhere for {service}"));
    let led = ports_inside(&routes);
    let lost = inside.carried.iter().filter(|(service, carried)| {
        gateway.inside.get(*service) != Some(&carried.names)
            || led.get(*service).is_none_or(BTreeSet::is_empty)
    });
    let lost = lost.map(|(service, _)| format!("{name} does not lead to {service} inside"));
    Ok(told.chain(lost).collect())
}
