//! Containers that live in the namespaces of others: they hang on one very container, and end up with nothing when that is
//! stopped, even if it is started again.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::context::Context;
use crate::engine::{Container, EngineResult, Status};
use crate::plan::Swap;
use crate::stack::Model;

/// What `docker inspect` says of the containers whose namespaces one lives in: ids, or names.
pub(crate) fn lives_in(container: &Value) -> BTreeSet<&str> {
    let modes = ["NetworkMode", "PidMode", "IpcMode"].into_iter().filter_map(|key| {
        container.get("HostConfig")?.get(key)?.as_str()?.strip_prefix("container:")
    });
    modes.collect()
}

/// For each live container of a service that borrows, where it lives.
pub(crate) async fn homes(
    ctx: &Context,
    model: &Model,
    live: &[Container],
) -> EngineResult<BTreeMap<String, Vec<String>>> {
    let borrows = |container: &&Container| {
        let service = model.services.get(&container.service);
        service.is_some_and(|service| !service.borrows.is_empty())
    };
    let ids: Vec<String> = live.iter().filter(borrows).map(|c| c.id.clone()).collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let details = ctx.engine.inspect(&ids).await?;
    let homes = details.iter().filter_map(|detail| {
        let id = detail.get("Id")?.as_str()?.to_owned();
        Some((id, lives_in(detail).into_iter().map(str::to_owned).collect()))
    });
    Ok(homes.collect())
}

/// The live containers that run and whose home is gone, or does not run.
pub(crate) async fn cut_off(
    ctx: &Context,
    model: &Model,
    live: &[Container],
) -> EngineResult<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for (id, homes) in homes(ctx, model, live).await? {
        let runs = |c: &&Container| c.id == id && c.state.status == Status::Running;
        let Some(borrower) = live.iter().find(runs) else { continue };
        for home in &homes {
            let home = ctx.engine.container(home).await?;
            // One that was started after its borrower has other namespaces now.
            let is_home = home.is_some_and(|home| {
                home.state.status != Status::Running || !is_older(borrower, &home)
            });
            if !is_home {
                found.insert(id.clone());
            }
        }
    }
    Ok(found)
}

/// Adds to swaps who lives with whom.
pub(crate) fn note(swaps: &mut [Swap], homes: &BTreeMap<String, Vec<String>>) {
    for old in swaps.iter_mut().filter_map(|swap| swap.old.as_mut()) {
        old.lives_in = homes.get(&old.id).cloned().unwrap_or_default();
        let is_home = |home: &String| *home == old.id || *home == old.name;
        let guests = homes.iter().filter(|(_, homes)| homes.iter().any(is_home));
        old.lends_to = guests.map(|(id, _)| id.clone()).collect();
    }
}

/// Whether a container's homes run, so that it can be started. Where one does not, whoever starts that starts this too.
pub(crate) async fn can_start(ctx: &Context, homes: &[String]) -> EngineResult<bool> {
    for home in homes {
        let found = ctx.engine.container(home).await?;
        if found.is_some_and(|found| found.state.status != Status::Running) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Lets the guests of a container that was started again live with it again.
pub(crate) async fn follow(ctx: &Context, home: &Container, guests: &[String]) -> EngineResult<()> {
    for guest in guests {
        let Some(found) = ctx.engine.container(guest).await? else { continue };
        if found.state.status == Status::Running && is_older(&found, home) {
            ctx.engine.stop(guest).await?;
        }
        ctx.engine.start(guest).await?;
    }
    Ok(())
}

/// Whether a container was started before another one.
fn is_older(container: &Container, than: &Container) -> bool {
    let started = |c: &Container| c.state.started_at.parse::<jiff::Timestamp>().ok();
    started(container).zip(started(than)).is_some_and(|(this, that)| this < that)
}
