//! Whether what a gateway sends to its services arrives: in some networks containers don't reach each other, and the port that is
//! published would be one that nobody answers.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use backstay_routes::{Found, Way};

use super::warm;
use crate::context::Context;
use crate::engine::{EngineError, EngineErrorKind, EngineResult, GatewayRequest, NamesInside};
use crate::event::{Cause, Failure};
use crate::naming::candidate_suffix;
use crate::plan::gateway_name;

/// How long a new gateway may take until it answers.
const BEGINNING: Duration = Duration::from_secs(10);

/// How long it is waited between two looks at that.
const SOON: Duration = Duration::from_millis(20);

/// For how long a service may be out of reach: an address can come late, and a queue can be full for a moment.
const PATIENCE: Duration = Duration::from_secs(6);

/// How long it is waited between two looks.
const PAUSE: Duration = Duration::from_millis(200);

/// Waits until a gateway answers.
pub(super) async fn answers(ctx: &Context, id: &str) -> EngineResult<()> {
    let begin = ctx.clock.elapsed();
    while !ctx.engine.gateway_answers(id).await? {
        if ctx.clock.elapsed() - begin > BEGINNING {
            let said = ctx.engine.logs(id, 1).await.unwrap_or_default().concat();
            let message = format!("it does not answer within {} s: {said}", BEGINNING.as_secs());
            return Err(EngineError::new(EngineErrorKind::Other, "starting the gateway", message));
        }
        ctx.clock.sleep(SOON).await;
    }
    Ok(())
}

/// Lets a gateway look that has no port and no name, in the place of the one that is to come, before anybody has let go of a port
/// for it.
pub(super) async fn tried(ctx: &Context, wanted: &GatewayRequest<'_>) -> Result<(), Failure> {
    let targets = wanted.routes.services.values().flat_map(|service| &service.targets);
    let mut runs = false;
    for target in targets {
        runs = runs || warm::runs(ctx, &target.id).await?;
    }
    if !runs {
        return Ok(());
    }
    let name = format!("{}{}", gateway_name(wanted.project), candidate_suffix(wanted.run, true));
    let (ports, inside) = ([], NamesInside::new());
    let scout = GatewayRequest { name: &name, ports: &ports, inside: &inside, ..*wanted };
    let id = ctx.engine.create_gateway(&scout).await?;
    let looked = async {
        ctx.engine.start(&id).await?;
        works(ctx, &id).await
    };
    let looked = looked.await;
    ctx.engine.remove(&id, true).await?;
    looked
}

/// Waits until a gateway that was started answers, and lets it look.
///
/// # Errors
/// Those of [`from`], or that it does not answer.
pub(super) async fn works(ctx: &Context, id: &str) -> Result<(), Failure> {
    answers(ctx, id).await?;
    from(ctx, id).await
}

/// Lets a gateway look that runs.
///
/// # Errors
/// [`Cause::Unreachable`] with the services of which it reaches nothing.
pub(super) async fn from(ctx: &Context, gateway: &str) -> Result<(), Failure> {
    let begin = ctx.clock.elapsed();
    loop {
        let Some(ways) = ctx.engine.ways(gateway).await? else { return Ok(()) };
        let services = unreachable(ctx, &ways).await?;
        if services.is_empty() {
            return Ok(());
        }
        if ctx.clock.elapsed() - begin > PATIENCE {
            return Err(Failure::new(Cause::Unreachable { services }));
        }
        ctx.clock.sleep(PAUSE).await;
    }
}

/// The services of which something runs, and nothing is reached.
async fn unreachable(ctx: &Context, ways: &[Way]) -> EngineResult<Vec<String>> {
    let mut of_service: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for way in ways {
        of_service.entry(&way.service).or_default().insert(&way.target);
    }
    let mut found = Vec::new();
    for (service, targets) in of_service {
        let (mut runs, mut reached) = (false, false);
        for target in targets {
            let mine = ways.iter().filter(|way| way.service == service && way.target == target);
            reached = reached || is_reached(ctx, target, mine).await?;
            runs = runs || !reached && warm::runs(ctx, target).await?;
        }
        if runs && !reached {
            found.push(service.to_owned());
        }
    }
    Ok(found)
}

/// Whether a container is reached by one of the ways that lead to it. Where nobody listens, a refusal is its own.
async fn is_reached<'a>(
    ctx: &Context,
    target: &str,
    ways: impl Iterator<Item = &'a Way>,
) -> EngineResult<bool> {
    let mut refused = BTreeSet::new();
    for way in ways {
        match way.found {
            Found::Accepts | Found::Other => return Ok(true),
            Found::Refuses => drop(refused.insert(way.port)),
            Found::Silent | Found::Nowhere => {}
        }
    }
    if refused.is_empty() {
        return Ok(false);
    }
    let listens = ctx.engine.listening(target).await?.unwrap_or_default();
    Ok(refused.iter().any(|port| !listens.contains(port)))
}
