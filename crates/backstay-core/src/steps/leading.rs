//! Whether the gateway leads where it should.

use std::collections::{BTreeMap, BTreeSet};

use crate::context::Context;
use crate::engine::{Container, EngineResult, Gateway};
use crate::gateway::strays;
use crate::plan::{live_gateway, wish};
use crate::stack::Model;

/// The services for which a gateway leads to other containers than those that are live.
pub(super) async fn astray(
    ctx: &Context,
    model: &Model,
    gateway: Option<&Gateway>,
    live: &[Container],
) -> EngineResult<BTreeSet<String>> {
    let Some(gateway) = gateway.filter(|found| wish(model).is_some_and(|wish| wish.is(found)))
    else {
        return Ok(BTreeSet::new());
    };
    let routes = ctx.engine.routes(&gateway.id).await?;
    Ok(strays(&routes, &ids(live)))
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
    live: &[Container],
) -> EngineResult<Vec<String>> {
    let Some(wish) = wish(model) else { return Ok(Vec::new()) };
    let Some(gateway) = live_gateway(ctx.engine.gateways(&model.project).await?) else {
        return Ok(vec!["there is no gateway".to_owned()]);
    };
    if !wish.is(&gateway) {
        return Ok(vec![format!("{} does not hold the ports that it should", gateway.name)]);
    }
    let strays = strays(&ctx.engine.routes(&gateway.id).await?, &ids(live));
    let told =
        strays.iter().map(|service| format!("{} leads elsewhere for {service}", gateway.name));
    Ok(told.collect())
}
