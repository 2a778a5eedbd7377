//! Services that looked an address up once look again, after the switch as after its undo.

use super::transaction::Transaction;
use crate::plan::{Plan, Step, Undo};
use crate::run::Run;
use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::try_join_all;

use super::trouble::Trouble;
use crate::context::Context;
use crate::engine::{Answer, Container, EngineResult, Status};
use crate::event::{Activity, Cause, Event, Failure};
use crate::plan::FollowerRecord;
use crate::plan::{Follower, When};
use crate::stack::{Again, Check, Probe};

/// How long a command that makes a service look again may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long new processes may take to come.
const RENEWAL: Duration = Duration::from_secs(5);

/// How long is waited for the old ones to go. One with a connection that does not end stays, and takes no new visitor.
const RETIREMENT: Duration = Duration::from_secs(1);

/// How often is looked whether they came.
const PACE: Duration = Duration::from_millis(50);

impl Transaction<'_> {
    pub(super) async fn follow(
        &self,
        run: &mut Run<'_>,
        plan: &Plan,
        services: &[String],
    ) -> Result<(), Failure> {
        let followers: Vec<_> =
            plan.followers.iter().filter(|f| services.contains(&f.service)).collect();
        let (followers, of) = records(&followers, &self.live);
        let step = Step::Follow { services: services.to_vec() };
        run.step(step, Undo::Follow { followers, of }, async { Ok(()) }).await
    }
}

/// What the undo needs: who follows, and where those are that they may have looked up.
fn records(
    followers: &[&Follower],
    live: &[Container],
) -> (Vec<FollowerRecord>, BTreeMap<String, BTreeMap<String, String>>) {
    let mut records: Vec<FollowerRecord> = Vec::new();
    let mut of = BTreeMap::new();
    for follower in followers {
        for container in live.iter().filter(|container| container.service == follower.service) {
            if !records.iter().any(|record| record.id == container.id) {
                records.push(FollowerRecord {
                    id: container.id.clone(),
                    name: container.name.clone(),
                    how: follower.how.clone(),
                    started_at: container.state.started_at.clone(),
                });
            }
        }
        let looked_up = live.iter().filter(|container| container.service == follower.of);
        of.extend(looked_up.map(|container| (container.id.clone(), container.addresses.clone())));
    }
    (records, of)
}

/// Lets the containers of a follower look again. Returns those that were started anew.
///
/// # Errors
/// The follower as the one that failed.
pub(crate) async fn again(
    ctx: &Context,
    follower: &Follower,
    live: &[Container],
    told: bool,
) -> Result<Vec<String>, Failure> {
    let restarted = follower.how == Again::Restart;
    if told {
        let activity = Activity::Following { of: follower.of.clone(), restarted };
        ctx.reporter.report(&Event::Service { service: follower.service.clone(), activity });
    }
    let containers = live.iter().filter(|container| container.service == follower.service);
    let ids: Vec<&str> = containers.map(|container| container.id.as_str()).collect();
    try_join_all(ids.iter().map(async |id| match look(ctx, id, &follower.how).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(message)) => Err(Failure::of(&follower.service, Cause::Follow { message })),
        Err(error) => Err(Failure::from(error).at(&follower.service)),
    }))
    .await?;
    Ok(if restarted { ids.into_iter().map(str::to_owned).collect() } else { Vec::new() })
}

/// One container looks again; the inner error says why it did not.
async fn look(ctx: &Context, id: &str, how: &Again) -> EngineResult<Result<(), String>> {
    match how {
        Again::Restart => {
            ctx.engine.stop(id).await?;
            ctx.engine.start(id).await?;
            Ok(Ok(()))
        }
        Again::Signal { signal, renews } => {
            let before = ctx.engine.processes(id).await?;
            ctx.engine.signal(id, signal).await?;
            if *renews && !renewed(ctx, id, before.as_deref()).await? {
                // It has not heard: its first process is another one, or its configuration is not right any more. Or nobody can
                // see whether it has.
                ctx.engine.stop(id).await?;
                ctx.engine.start(id).await?;
            }
            Ok(Ok(()))
        }
        Again::Command { command } => {
            let probe = Probe {
                check: Check::Exec(command.clone()),
                interval: PATIENCE,
                timeout: PATIENCE,
                retries: 1,
                start_period: Duration::ZERO,
            };
            match ctx.engine.probe(id, &probe).await? {
                Answer::Passed => Ok(Ok(())),
                Answer::Failed(why) | Answer::OutOfReach(why) => Ok(Err(why)),
            }
        }
    }
}

/// Waits until a process is there that was not before, and until those that were there have gone, but for the first one: they
/// take visitors to the old address for a moment. Returns whether a new one came.
async fn renewed(ctx: &Context, id: &str, before: Option<&[u32]>) -> EngineResult<bool> {
    let Some(before) = before else { return Ok(false) };
    let mut begun = ctx.clock.elapsed();
    let mut is_renewed = false;
    loop {
        let Some(now) = ctx.engine.processes(id).await? else { return Ok(false) };
        if !is_renewed && now.iter().any(|process| !before.contains(process)) {
            is_renewed = true;
            begun = ctx.clock.elapsed();
        }
        if is_renewed && now.iter().filter(|process| before.contains(process)).count() <= 1 {
            return Ok(true);
        }
        if ctx.clock.elapsed() - begun > if is_renewed { RETIREMENT } else { RENEWAL } {
            return Ok(is_renewed);
        }
        ctx.clock.sleep(PACE).await;
    }
}

/// Which followers of a service have to look again now.
pub(crate) fn due<'a>(
    followers: &'a [Follower],
    of: &str,
    moved: bool,
) -> impl Iterator<Item = &'a Follower> {
    followers
        .iter()
        .filter(move |follower| follower.of == of && (moved || follower.when == When::Replaced))
}

/// After the switch was undone: those look again that may have looked since.
///
/// # Errors
/// All that could not.
pub(super) async fn undo(
    ctx: &Context,
    followers: &[FollowerRecord],
    of: &BTreeMap<String, BTreeMap<String, String>>,
) -> Result<(), Trouble> {
    let mut moved = false;
    for (id, addresses) in of {
        let found = ctx.engine.container(id).await?;
        moved |= found.is_some_and(|found| &found.addresses != addresses);
    }
    let mut problems = Vec::new();
    for follower in followers {
        let found = ctx.engine.container(&follower.id).await?;
        // One that somebody removed or stopped is none of this run's doing; one that this run stopped is started.
        let Some(found) = found else { continue };
        let untouched =
            found.state.started_at == follower.started_at && found.state.status == Status::Running;
        let how = match &follower.how {
            Again::Restart if untouched && !moved => continue,
            how if found.state.status == Status::Running => how,
            _ => &Again::Restart,
        };
        match look(ctx, &follower.id, how).await {
            Ok(Ok(())) => {}
            // What does not take the gentle way is started anew.
            Ok(Err(_)) | Err(_) => problems
                .extend(look(ctx, &follower.id, &Again::Restart).await.err().map(Trouble::from)),
        }
    }
    Trouble::all(problems)
}

/// What a person does instead.
pub(super) fn by_hand(followers: &[FollowerRecord]) -> String {
    let names: Vec<&str> = followers.iter().map(|follower| follower.name.as_str()).collect();
    format!("docker restart {}", names.join(" "))
}
