//! The rehearsal: every candidate, or its twin, runs beside the old containers and has to pass the gate before its old
//! container is touched.
//!
//! Who is rehearsed finds those that were started in an earlier wave under their service's name, and nobody else does: what
//! needs the new version of another service is proven with it. Twins stay until their service is switched, and end together
//! with the old container, so that their grace period delays nothing.

use super::create::is_hidden;
use super::transaction::Transaction;
use crate::plan::{Change, Plan, Step, Undo};
use crate::run::Run;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::try_join_all;

use crate::context::Context;
use crate::engine::Created;
use crate::event::{Activity, Event, Failure};
use crate::gate::{Progress, Subject, pass, start_failure, subject};
use crate::plan::needs;
use crate::stack::{Condition, Model};

impl Transaction<'_> {
    pub(super) async fn rehearse(
        &self,
        run: &mut Run<'_>,
        plan: &Plan,
        waves: &[Vec<String>],
        created: &[Created],
    ) -> Result<(), Failure> {
        let ctx = run.ctx;
        let those = |wanted: &dyn Fn(&Change) -> bool| -> Vec<String> {
            plan.changes.iter().filter(|change| wanted(change)).map(|c| c.service.clone()).collect()
        };
        let (twins, hidden) = (those(&Change::has_twin), those(&is_hidden));
        let id = run.state.run.clone();
        let watch = self.times().in_rehearsal();
        let rehearsal = Rehearsal {
            model: self.desired.model,
            run: &id,
            waves,
            created,
            twins: &twins,
            hidden: &hidden,
            watch: &watch,
            wait_timeout: self.wait_timeout,
            rollback: self.manner.rollback,
        };
        let step = Step::Rehearse { waves: waves.to_vec() };
        let started =
            created.iter().filter(|new| waves.iter().flatten().any(|s| *s == new.service));
        let undo = match &self.data {
            // Nobody may write when data is brought back.
            Some(_) => Undo::Start { containers: started.map(|new| new.id.clone()).collect() },
            // What was started is what was created, and goes with it.
            None => Undo::Nothing,
        };
        run.step(step, undo, apply(ctx, &rehearsal)).await
    }
}

/// What a rehearsal works with.
struct Rehearsal<'a> {
    model: &'a Model,
    run: &'a str,
    waves: &'a [Vec<String>],
    created: &'a [Created],
    /// Services that are rehearsed by a twin.
    twins: &'a [String],
    /// Services whose candidates have no DNS names yet.
    hidden: &'a [String],
    /// How long each service is watched.
    watch: &'a BTreeMap<String, Duration>,
    wait_timeout: Option<Duration>,
    /// Whether `rollback_config` rules before `update_config`.
    rollback: bool,
}

/// Starts the candidates wave by wave, and watches all of them.
async fn apply(ctx: &Context, rehearsal: &Rehearsal<'_>) -> Result<(), Failure> {
    let mut all: Vec<Subject> = Vec::new();
    let mut earlier: Vec<&Created> = Vec::new();
    for (index, wave) in rehearsal.waves.iter().enumerate() {
        let wave: Vec<&Created> = rehearsal
            .created
            .iter()
            .filter(|new| {
                wave.contains(&new.service)
                    && new.rehearsal == rehearsal.twins.contains(&new.service)
            })
            .collect();
        try_join_all(wave.iter().map(|new| start(ctx, rehearsal, &earlier, new))).await?;
        let subjects = wave.iter().filter_map(|new| {
            let service = rehearsal.model.services.get(&new.service)?;
            Some(subject(
                rehearsal.model,
                service,
                &new.id,
                rehearsal.wait_timeout,
                rehearsal.rollback,
            ))
        });
        let subjects: Vec<Subject> = subjects.collect();
        let later: Vec<&String> = rehearsal.waves[index + 1..].iter().flatten().collect();
        let awaited: Vec<Subject> = subjects
            .iter()
            .filter(|s| is_awaited(rehearsal.model, &s.service, &later))
            .cloned()
            .collect();
        all.extend(subjects);
        earlier.extend(wave);
        if !awaited.is_empty() {
            pass(ctx, &awaited, &BTreeMap::new(), Progress::Quiet).await?;
        }
    }
    pass(ctx, &all, rehearsal.watch, Progress::Told).await
}

async fn start(
    ctx: &Context,
    rehearsal: &Rehearsal<'_>,
    earlier: &[&Created],
    new: &Created,
) -> Result<(), Failure> {
    let activity = Activity::Rehearsing;
    ctx.reporter.report(&Event::Service { service: new.service.clone(), activity });
    let failed = |error| start_failure(&new.service, &error);
    for (network, links) in links(rehearsal, earlier, new) {
        ctx.engine.link(&new.id, &network, &links).await.map_err(failed)?;
    }
    ctx.engine.start(&new.id).await.map_err(failed)
}

/// How `new` finds what it needs of `earlier`, by network: each under the names that it will have when it is live.
fn links(
    rehearsal: &Rehearsal<'_>,
    earlier: &[&Created],
    new: &Created,
) -> BTreeMap<String, Vec<String>> {
    let mut links: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let Some(service) = rehearsal.model.services.get(&new.service) else { return links };
    let needed: BTreeSet<&str> = needs(service).collect();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for other in earlier {
        // Those that are new to the stack have their names already.
        let hidden =
            other.rehearsal || rehearsal.hidden.contains(&other.service) || !other.led.is_empty();
        if !hidden || !needed.contains(other.service.as_str()) || !seen.insert(&other.service) {
            continue;
        }
        let name = format!("{}{}", other.name, Created::suffix(rehearsal.run, other.rehearsal));
        for (network, names) in other.names() {
            if new.aliases.contains_key(network) {
                let named = names.iter().map(|alias| format!("{name}:{alias}"));
                links.entry(network.clone()).or_default().extend(named);
            }
        }
    }
    links
}

/// Whether one of `later` waits for more than the start of this service.
pub(crate) fn is_awaited(model: &Model, service: &str, later: &[&String]) -> bool {
    later.iter().filter_map(|name| model.services.get(*name)).any(|other| {
        other
            .depends_on
            .get(service)
            .is_some_and(|dependency| dependency.condition != Condition::ServiceStarted)
    })
}
