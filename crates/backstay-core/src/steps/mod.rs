//! The steps of a run, most of them in a file of their own: how it is taken, how that is undone, what it leaves to do
//! after the commit, and what a person can type where an undo fails. Here they are only told apart.

pub(crate) mod backup;
mod bake;
mod create;
pub(crate) mod data_trouble;
mod data_work;
pub(crate) mod directories;
pub(crate) mod encrypted;
mod facts;
pub(crate) mod files;
mod follow;
mod gateway;
pub(crate) mod hook;
pub(crate) mod ids;
pub(crate) mod images;
pub(crate) mod keep_up;
mod leading;
mod pause;
mod put_back;
mod reach;
mod rehearse;
mod replace;
mod resume;
mod retire;
pub(crate) mod save_data;
pub(crate) mod serving;
mod stage;
mod start;
pub(crate) mod storing;
mod switch;
mod times;
mod transaction;
mod trouble;
pub(crate) mod verify;
mod verify_links;
pub(crate) mod warm;

use std::collections::BTreeSet;

use crate::context::Context;
use crate::engine::{Container, Created};
use crate::error::Result;
use crate::event::Failure;
use crate::layout::Layout;
use crate::plan::{Plan, Step, Undo};
use crate::run::Run;

pub(crate) use create::end;
pub(crate) use data_work::DataWork;
pub(crate) use stage::stage;
pub(crate) use transaction::Transaction;
pub(crate) use trouble::Trouble;

/// Where a step is undone.
#[derive(Clone, Copy)]
pub(crate) struct Site<'a> {
    pub ctx: &'a Context,
    pub layout: &'a Layout,
    pub run: &'a str,
}

/// What the steps of a plan hand on to those that follow.
#[derive(Default)]
pub(crate) struct Made {
    /// The containers that were created.
    pub created: Vec<Created>,
    /// The gateway that leads to the services.
    pub gateway: Option<String>,
    /// The gateway that was made and is not live yet.
    pub made_gateway: Option<String>,
    /// The live containers, as they were verified.
    pub verified: Vec<Container>,
}

impl Transaction<'_> {
    /// Takes a step of the plan.
    async fn take(
        &self,
        run: &mut Run<'_>,
        plan: &Plan,
        step: &Step,
        made: &mut Made,
    ) -> Result<(), Failure> {
        let created = &made.created;
        match step {
            Step::Tags => self.tags(run).await,
            Step::Create { .. } => {
                made.created = self.create(run, plan).await?;
                Ok(())
            }
            Step::Rehearse { waves } => self.rehearse(run, plan, waves, created).await,
            Step::Pause { services } => self.pause(run, services).await,
            Step::Retire { services } => {
                self.retire(run, plan, services, made.gateway.as_ref()).await
            }
            Step::Replace { services } | Step::Remove { services } => {
                self.replace(run, plan, step, services, made).await
            }
            Step::Follow { services } => self.follow(run, plan, services).await,
            Step::Start { services } => self.start(run, services).await,
            Step::Bake { services } => self.bake(run, plan, services, created).await,
            Step::SaveData { .. } => self.save_still(run).await,
            Step::RestoreData { data } => self.restore_data(run, data).await,
            Step::Guard { data } => self.guard(run, data).await,
            Step::Open { data } => self.open(run, data).await,
            Step::Resume { services } => self.resume(run, plan, services).await,
            Step::Hook { name, .. } => self.hook(run, plan, name, created, &made.verified).await,
            Step::Verify => {
                made.verified = self.verify(run, plan, created, made.gateway.as_ref()).await?;
                Ok(())
            }
            Step::Routes { services } => {
                self.reroute(run, plan, services, made.gateway.as_ref()).await
            }
            Step::MakeGateway => {
                made.made_gateway = self.make_gateway(run, plan, created).await?;
                Ok(())
            }
            Step::SwitchGateway { .. } => {
                self.switch_gateway(run, plan, created, made.made_gateway.as_ref()).await?;
                made.gateway = made.made_gateway.take();
                Ok(())
            }
            // The steps of the preparation were taken before there was a plan.
            Step::Observe
            | Step::Backup
            | Step::Protect { .. }
            | Step::Environment { .. }
            | Step::Certificate { .. }
            | Step::Directories { .. }
            | Step::Files
            | Step::Build { .. }
            | Step::Pull { .. }
            | Step::Load { .. }
            | Step::GatewayFile { .. }
            | Step::SwitchBack { .. } => Ok(()),
        }
    }
}

/// Undoes a step from its record. Can be repeated, and tolerates that the step never had an effect.
pub(crate) async fn undo(site: Site<'_>, undo: &Undo) -> Result<(), Trouble> {
    let Site { ctx, layout, run } = site;
    match undo {
        Undo::Nothing => Ok(()),
        Undo::Backup { folder } => backup::undo(site, folder),
        Undo::Files { saved, written, folders } => {
            files::undo(ctx, layout, run, saved, written)?;
            // Only when no file of the run is in them any more.
            directories::undo(ctx, folders, &[])
        }
        Undo::Directories { made, by_engine } => directories::undo(ctx, made, by_engine),
        Undo::BuildTags { tags } => images::untag_all(ctx, layout, tags).await,
        Undo::Tags { before } => images::undo_tags(ctx, layout, before).await,
        Undo::Create { project, run, networks } => create::undo(ctx, project, run, networks).await,
        Undo::Pause => pause::undo(site),
        Undo::Retire { swaps } => retire::undo(ctx, swaps).await,
        Undo::Replace { swaps } => replace::undo(ctx, run, swaps).await,
        Undo::Follow { followers, of } => follow::undo(ctx, followers, of).await,
        Undo::KeepUp { project, containers } => keep_up::undo(ctx, project, containers).await,
        Undo::Start { containers } => start::undo(ctx, containers).await,
        Undo::SaveData { stopped, paused } => save_data::undo(ctx, stopped, paused).await,
        Undo::Hook { name, project, place, kept, point, .. } => {
            let point = *point;
            hook::undo(site, hook::Begun { name, project, place, point, kept }).await
        }
        Undo::PutBack { project, folder, data, until_open } => {
            let until_open = *until_open;
            put_back::undo(site, put_back::Back { project, folder, data, until_open }).await
        }
        Undo::MakeGateway { project, run } => gateway::undo_make(ctx, project, run).await,
        Undo::SwitchBack { gateway, services } => warm::undo(ctx, gateway, services).await,
        Undo::SwitchGateway { old, new } => {
            gateway::undo_switch(ctx, run, old.as_ref(), new.as_ref()).await
        }
    }
}

/// Those who were held until the commit go on, before anything else is done.
pub(crate) async fn let_go(ctx: &Context, undos: &[Undo]) {
    let mut open = BTreeSet::new();
    for undo in undos {
        // One that was not there before did not have to be stopped, and is held all the same.
        let (Undo::Retire { swaps } | Undo::Replace { swaps }) = undo else { continue };
        for swap in swaps.iter().filter(|swap| swap.held) {
            if open.insert(&swap.service) {
                // A hold ends with its process at the latest.
                let _ = ctx.handover.open(swap).await;
            }
        }
    }
}

/// What a step has left to do when the run is committed. Can be repeated.
/// `kept` are old containers that stay up.
pub(crate) async fn finish(run: &Run<'_>, undo: &Undo, kept: &BTreeSet<String>) -> Result<()> {
    match undo {
        Undo::Backup { folder } => backup::finish(run, folder),
        Undo::BuildTags { tags } => Ok(images::finish_builds(run, tags).await?),
        Undo::Replace { swaps } => replace::finish(run, swaps, kept).await,
        Undo::PutBack { folder, data, until_open, .. } => {
            put_back::finish(run, folder, data, *until_open).await
        }
        Undo::SwitchGateway { old, new } => {
            gateway::finish(run.ctx, old.as_ref(), new.as_ref()).await
        }
        // They have nothing left to do.
        Undo::Nothing
        | Undo::Files { .. }
        | Undo::Directories { .. }
        | Undo::Tags { .. }
        | Undo::Create { .. }
        | Undo::Pause
        | Undo::Retire { .. }
        | Undo::Follow { .. }
        | Undo::KeepUp { .. }
        | Undo::Start { .. }
        | Undo::SaveData { .. }
        | Undo::Hook { .. }
        | Undo::MakeGateway { .. }
        | Undo::SwitchBack { .. } => Ok(()),
    }
}

/// What a person can type where the undo of a step has failed: the same effects.
pub(crate) fn by_hand(undo: &Undo, run: &str) -> Vec<String> {
    match undo {
        // The next attempt runs it again: whoever did it by hand is told how to say so.
        Undo::Nothing | Undo::Pause | Undo::Hook { .. } => Vec::new(),
        Undo::Backup { folder } => vec![backup::by_hand(folder)],
        Undo::Files { saved, folders, .. } => {
            let mut commands = files::by_hand(run, saved);
            commands.extend(folders.iter().rev().map(|folder| format!("rmdir {folder}")));
            commands
        }
        Undo::Directories { made, by_engine } => vec![directories::by_hand(made, by_engine)],
        Undo::BuildTags { tags } => vec![images::builds_by_hand(tags)],
        Undo::Tags { before } => images::tags_by_hand(before),
        Undo::Create { run, .. } => vec![create::by_hand(run)],
        Undo::Retire { swaps } => retire::by_hand(swaps),
        Undo::Replace { swaps } => replace::by_hand(swaps),
        Undo::Follow { followers, .. } => vec![follow::by_hand(followers)],
        Undo::KeepUp { containers, .. } => vec![keep_up::by_hand(containers)],
        Undo::Start { containers } => vec![start::by_hand(containers)],
        Undo::SaveData { stopped, paused } => save_data::by_hand(stopped, paused),
        Undo::PutBack { .. } => put_back::by_hand(),
        // What it made is removed with it.
        Undo::MakeGateway { run, .. } => vec![create::by_hand(run)],
        // The gateway is told by nobody else: the next run does it.
        Undo::SwitchBack { .. } => Vec::new(),
        Undo::SwitchGateway { old, new } => gateway::by_hand(old.as_ref(), new.as_ref()),
    }
}
