//! The gateway: made beside everything else, then it takes the host ports over from the containers that had them, or from the
//! gateway before it, or gives them back.

use std::collections::BTreeMap;
use std::time::Duration;

use backstay_routes::{MAX_LISTENERS, Side, Snapshot, Target};

use super::transaction::Transaction;
use super::trouble::Trouble;
use super::warm::runs;
use super::{follow, reach};
use crate::context::Context;
use crate::engine::{
    Container, Created, EngineResult, Gateway, GatewayRequest, HoldRequest, Status,
};
use crate::error::Result;
use crate::event::Failure;
use crate::gate::{Progress, pass, subject};
use crate::gateway::{Subnets, first_routes, listeners_inside, target};
use crate::naming::{candidate_suffix, is_temporary, kept_name};
use crate::plan::{
    Action, GatewayRecord, Inside, Plan, Routed, Step, Undo, gateway_name as name, live_gateway,
    wish,
};
use crate::run::Run;

impl Transaction<'_> {
    /// The gateway that leads to the services already, where it is the one that the model asks for.
    pub(super) async fn gateway_now(&self, ctx: &Context) -> EngineResult<Option<String>> {
        let found = live_gateway(ctx.engine.gateways(&self.desired.model.project).await?);
        // One that goes leads as long as it is there.
        let leads = |gateway: &Gateway| match wish(self.desired.model) {
            Some(wish) => wish.is(gateway),
            None => gateway.running,
        };
        Ok(found.filter(leads).map(|gateway| gateway.id))
    }

    pub(super) async fn make_gateway(
        &self,
        run: &mut Run<'_>,
        plan: &Plan,
        created: &[Created],
    ) -> Result<Option<String>, Failure> {
        let (ctx, model) = (run.ctx, self.desired.model);
        let Some(wish) = wish(model) else { return Ok(None) };
        let found = ctx.engine.gateways(&model.project).await?;
        let others = found.iter().filter(|found| is_temporary(&found.name));
        let others: Vec<String> = others.map(|found| found.id.clone()).collect();
        let before = live_gateway(found);
        let generation = match &before {
            Some(old) => ctx.engine.routes(&old.id).await?.generation,
            None => 0,
        };
        let id = run.state.run.clone();
        let inside = listeners_inside(model, &plan.inside, &subnets(ctx, &plan.inside).await?);
        let targets = self.targets(plan, created, &id);
        let routes = first_routes(model, &wish, targets, inside, generation + 1);
        let names = plan.inside.names();
        let name = format!("{}{}", name(&model.project), candidate_suffix(&id, false));
        let request = GatewayRequest {
            project: &model.project,
            run: &id,
            name: &name,
            ports: &wish.ports,
            networks: &wish.all_networks(&names),
            inside: &names,
            routes: &routes,
        };
        let undo = Undo::MakeGateway { project: model.project.clone(), run: id.clone() };
        let effect = async {
            // One run at a time works on a project: what others have left is nobody's.
            for left in &others {
                ctx.engine.remove(left, true).await?;
            }
            reach::tried(ctx, &request).await?;
            Ok(ctx.engine.create_gateway(&request).await?)
        };
        run.step(Step::MakeGateway, undo, effect).await.map(Some)
    }

    /// The containers that a new gateway leads to: those that run until they are replaced, and those that are to be live where
    /// the old ones have let go.
    fn targets(
        &self,
        plan: &Plan,
        created: &[Created],
        run: &str,
    ) -> BTreeMap<String, Vec<Target>> {
        let mut found: BTreeMap<String, Vec<Target>> = BTreeMap::new();
        for service in self.desired.model.services.keys() {
            let waits = self.waits(plan, service);
            let old = self.live.iter().filter(|old| waits && &old.service == service);
            let comes = !waits || plan.change(service).is_some_and(|c| c.action != Action::Replace);
            let new = created.iter().filter(|new| comes && &new.service == service);
            let new = new.filter(|new| !new.rehearsal);
            let new = new.map(|new| target(&new.id, &new.name, run));
            found.insert(service.clone(), old.map(live_target).chain(new).collect());
        }
        found
    }

    /// Whether the containers of a service that are live stay so until their turn comes.
    fn waits(&self, plan: &Plan, service: &str) -> bool {
        let change = plan.change(service);
        change.is_none_or(|change| change.action != Action::Replace)
            || !plan.lets_go(service) && self.runs(service)
    }

    fn runs(&self, service: &str) -> bool {
        let mut mine = self.live.iter().filter(|live| live.service == service);
        mine.any(|live| live.state.status == Status::Running)
    }

    pub(super) async fn switch_gateway(
        &self,
        run: &mut Run<'_>,
        plan: &Plan,
        created: &[Created],
        new: Option<&String>,
    ) -> Result<(), Failure> {
        let (ctx, model) = (run.ctx, self.desired.model);
        let id = run.state.run.clone();
        let found = ctx.engine.gateways(&model.project).await?;
        let new = new.and_then(|new| found.iter().find(|gateway| &gateway.id == new)).cloned();
        let old = live_gateway(found);
        let record = |gateway: &Gateway| GatewayRecord {
            id: gateway.id.clone(),
            name: name(&model.project),
            running: gateway.running,
        };
        let (old, new) = (old.as_ref().map(record), new.as_ref().map(record));
        let undo = Undo::SwitchGateway { old: old.clone(), new: new.clone() };
        let step = Step::SwitchGateway { on: new.is_some() };
        let mut late = Vec::new();
        for change in plan.changes.iter().filter(|change| change.switches()) {
            let id = new.as_ref().map(|new| &new.id);
            if let Some(by) = self.routed(&change.service, plan, id)
                && !(self.runs(&change.service) && self.waits(plan, &change.service))
                && !is_up(ctx, created, &change.service).await?
            {
                late.push(by.hold(&change.service));
            }
        }
        let effect = async {
            let before = match &old {
                Some(old) => addresses(ctx, &old.id).await?,
                None => BTreeMap::new(),
            };
            apply(ctx, &id, old.as_ref(), new.as_ref(), &late).await?;
            let after = match &new {
                Some(new) => addresses(ctx, &new.id).await?,
                None => BTreeMap::new(),
            };
            if before.iter().any(|(network, address)| after.get(network) != Some(address)) {
                self.look_for_the_gateway(ctx, plan).await?;
            }
            Ok(())
        };
        run.step(step, undo, effect).await
    }

    /// Those who may have looked the gateway up do so again.
    async fn look_for_the_gateway(&self, ctx: &Context, plan: &Plan) -> Result<(), Failure> {
        for follower in &plan.gateway_followers {
            let started = follow::again(ctx, follower, &self.live, true).await?;
            let Some(service) = self.desired.model.services.get(&follower.service) else {
                continue;
            };
            let subjects = started.iter().map(|id| {
                let rollback = self.manner.rollback;
                subject(self.desired.model, service, id, self.wait_timeout, rollback)
            });
            let subjects: Vec<_> = subjects.collect();
            pass(ctx, &subjects, &BTreeMap::new(), Progress::Quiet).await?;
        }
        Ok(())
    }

    /// Lets the gateway lead to the live containers of these services. An undo changes nothing of that: whoever it led to before is
    /// gone.
    pub(super) async fn reroute(
        &self,
        run: &mut Run<'_>,
        plan: &Plan,
        services: &[String],
        gateway: Option<&String>,
    ) -> Result<(), Failure> {
        let Some(gateway) = gateway else { return Ok(()) };
        let ctx = run.ctx;
        let effect = async {
            let mut routes = ctx.engine.routes(gateway).await?;
            for (name, service) in &mut routes.services {
                if services.contains(name) {
                    let live = self.live.iter().filter(|live| &live.service == name);
                    service.targets = live.map(live_target).collect();
                }
            }
            let subnets = subnets(ctx, &plan.inside).await?;
            let inside = listeners_inside(self.desired.model, &plan.inside, &subnets);
            routes.listeners.retain(|listener| listener.side != Side::Inside);
            routes.listeners.extend(inside);
            routes.listeners.truncate(MAX_LISTENERS);
            let Snapshot { listeners, services, .. } = &mut routes;
            let led = listeners.iter().flat_map(|listener| &listener.routes);
            services.retain(|name, _| led.clone().any(|route| &route.service == name));
            routes.generation += 1;
            Ok(ctx.engine.set_routes(gateway, &routes).await?)
        };
        run.step(Step::Routes { services: services.to_vec() }, Undo::Nothing, effect).await
    }

    /// How a gateway leads to a service; `None` where none does.
    pub(super) fn routed(
        &self,
        service: &str,
        plan: &Plan,
        gateway: Option<&String>,
    ) -> Option<Routed> {
        let model = self.desired.model;
        let leads = model.gateway.holds_for(service)
            || plan.inside.carried.contains_key(service)
            || self.live.iter().any(|live| live.service == service && live.inside);
        let gateway = gateway.filter(|_| leads)?;
        let settings = model.gateway.of(service);
        let grace =
            model.services.get(service).map(|service| service.stop_grace).unwrap_or_default();
        let (drain, stream_drain) = settings.drains(grace);
        let former = self.live.iter().find(|container| container.service == service);
        let held = model.gateway.ports.iter().filter(|port| port.service == service);
        Some(Routed {
            gateway: gateway.clone(),
            ports: held.map(|port| port.target).collect(),
            former: release_of(former.and_then(|former| former.run.as_ref())),
            hold_limit: settings.hold_limit,
            hold_ms: millis(settings.hold),
            drain_ms: millis(drain.max(stream_drain)),
        })
    }
}

/// Whether one of the new containers of a service runs already.
async fn is_up(ctx: &Context, created: &[Created], service: &str) -> EngineResult<bool> {
    for new in created.iter().filter(|new| new.service == service && !new.rehearsal) {
        if runs(ctx, &new.id).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The ranges of the networks in which something is carried.
async fn subnets(ctx: &Context, inside: &Inside) -> EngineResult<Subnets> {
    let mut found = Subnets::new();
    for network in inside.carried.values().flat_map(|carried| carried.names.keys()) {
        if !found.contains_key(network) {
            found.insert(network.clone(), ctx.engine.subnets(network).await?);
        }
    }
    Ok(found)
}

/// Where a container is found.
async fn addresses(ctx: &Context, id: &str) -> EngineResult<BTreeMap<String, String>> {
    Ok(ctx.engine.container(id).await?.map(|found| found.addresses).unwrap_or_default())
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// What containers are called in the gateway's figures that no run of ours made.
fn release_of(run: Option<&String>) -> String {
    run.cloned().unwrap_or_else(|| "adopted".to_owned())
}

/// A live container, as the gateway leads to it.
fn live_target(live: &Container) -> Target {
    target(&live.id, &live.name, &release_of(live.run.as_ref()))
}

/// One lets go of the host ports, the other takes them.
async fn apply(
    ctx: &Context,
    run: &str,
    old: Option<&GatewayRecord>,
    new: Option<&GatewayRecord>,
    late: &[HoldRequest],
) -> Result<(), Failure> {
    if let Some(old) = old {
        ctx.engine.stop(&old.id).await?;
    }
    if let Some(new) = new {
        ctx.engine.start(&new.id).await?;
        reach::answers(ctx, &new.id).await?;
        for hold in late {
            ctx.engine.hold(&new.id, hold).await?;
        }
    }
    // Names are for people: they change when the ports have.
    if let Some(old) = old {
        ctx.engine.rename(&old.id, &kept_name(&old.name, run)).await?;
    }
    if let Some(new) = new {
        ctx.engine.rename(&new.id, &new.name).await?;
    }
    Ok(())
}

/// Removes what was made.
pub(super) async fn undo_make(ctx: &Context, project: &str, run: &str) -> Result<(), Trouble> {
    for gateway in ctx.engine.gateways(project).await? {
        if gateway.run.as_deref() == Some(run) {
            ctx.engine.remove(&gateway.id, true).await?;
        }
    }
    Ok(())
}

/// Gives the host ports back to the gateway that had them, or to nobody: whose they were before takes them in an undo of its
/// own.
pub(super) async fn undo_switch(
    ctx: &Context,
    run: &str,
    old: Option<&GatewayRecord>,
    new: Option<&GatewayRecord>,
) -> Result<(), Trouble> {
    if let Some(new) = new
        && ctx.engine.container(&new.id).await?.is_some()
    {
        ctx.engine.stop(&new.id).await?;
        let hidden = format!("{}{}", new.name, candidate_suffix(run, false));
        ctx.engine.rename(&new.id, &hidden).await?;
    }
    let Some(old) = old else { return Ok(()) };
    if ctx.engine.container(&old.id).await?.is_none() {
        return Err(Trouble::new(format!("the gateway {} is gone", old.name)));
    }
    ctx.engine.rename(&old.id, &old.name).await?;
    if old.running {
        ctx.engine.start(&old.id).await?;
    }
    Ok(())
}

/// After the commit: the gateway before goes, with the routes that it had, and its image where there is no other one.
pub(super) async fn finish(
    ctx: &Context,
    old: Option<&GatewayRecord>,
    new: Option<&GatewayRecord>,
) -> Result<()> {
    let Some(old) = old else { return Ok(()) };
    ctx.engine.remove(&old.id, true).await?;
    if new.is_none() {
        ctx.engine.remove_gateway_images().await?;
    }
    Ok(())
}

/// What a person does instead.
pub(super) fn by_hand(old: Option<&GatewayRecord>, new: Option<&GatewayRecord>) -> Vec<String> {
    let mut commands: Vec<String> =
        new.map(|new| format!("docker rm -f {}", new.id)).into_iter().collect();
    if let Some(old) = old {
        commands.push(format!("docker rename {} {}", old.id, old.name));
        commands.extend(old.running.then(|| format!("docker start {}", old.id)));
    }
    commands
}
