//! The data of a release in a stack beside the one that runs: it is brought back into scratch containers with scratch volumes, and those
//! have to be ready then.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::apart::volume_of;
use crate::context::Context;
use crate::data::{self, SavedData, place, users};
use crate::engine::Container;
use crate::error::{Error, Result};
use crate::event::{Cause, DataAction, DataTrouble, Failure};
use crate::gate::{Progress, pass, subject};
use crate::layout::Layout;
use crate::observed::is_live;
use crate::release::Catalog;
use crate::stack::{Copy, Model, MountKind, Way};
use crate::steps::data_trouble::within;
use crate::steps::encrypted::{self, not_back};

/// The data that is tested.
pub(super) struct Tested {
    /// The backup's folder.
    folder: PathBuf,
    /// The stack's folder.
    project: PathBuf,
    /// The sets.
    pub sets: Vec<SavedData>,
}

impl Tested {
    /// The data of a backup, checked against its digests.
    pub(super) fn of(ctx: &Context, layout: &Layout, name: &str) -> Result<Self> {
        let (catalog, _) = Catalog::look(layout, &*ctx.store)?;
        let folder = layout.backup(&catalog.find(name, layout)?.folder);
        let record = data::read(&folder, &*ctx.store)?;
        let sets: Vec<SavedData> =
            record.into_iter().flat_map(|record| record.sets.into_values()).collect();
        if sets.is_empty() {
            let missing = vec!["no data was saved with it".to_owned()];
            return Err(Error::Incomplete { release: name.to_owned(), missing });
        }
        for saved in &sets {
            data::check(&folder, saved, &*ctx.store)?;
        }
        Ok(Self { folder, project: layout.directory().to_owned(), sets })
    }

    /// The services of a model that have it.
    pub(super) fn services(&self, model: &Model) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for saved in &self.sets {
            match &saved.set.way {
                Way::Dump(dump) => drop(names.insert(dump.service.clone())),
                Way::Copy(copy) => {
                    let kind = if copy.volume { MountKind::Volume } else { MountKind::Bind };
                    let uses = model.services.values().filter(|service| {
                        let mut mounts = service.mounts.iter();
                        mounts.any(|mount| mount.kind == kind && mount.source == copy.source)
                    });
                    names.extend(uses.map(|service| service.name.clone()));
                }
            }
        }
        names
    }

    /// Brings it back in a project that runs, and waits until its services are ready.
    pub(super) async fn bring(&self, ctx: &Context, model: &Model) -> Result<(), Failure> {
        let all = ctx.engine.containers(&model.project).await?;
        let live: Vec<Container> = all.into_iter().filter(is_live).collect();
        for saved in &self.sets {
            self.one(ctx, model, &live, saved).await?;
        }
        let mut subjects = Vec::new();
        for container in &live {
            if let Some(service) = model.services.get(&container.service) {
                subjects.push(subject(model, service, &container.id, None, false));
            }
        }
        pass(ctx, &subjects, &BTreeMap::new(), Progress::Quiet).await
    }

    async fn one(
        &self,
        ctx: &Context,
        model: &Model,
        live: &[Container],
        saved: &SavedData,
    ) -> Result<(), Failure> {
        let name = &saved.set.name;
        let failed = |trouble| {
            let action = DataAction::Restore;
            Failure::new(Cause::Data { data: name.clone(), action, trouble })
        };
        let (input, coming) = encrypted::open(ctx, &self.project, &self.folder, saved)?;
        let stopped = |stopped| not_back(&saved.set, &coming, stopped);
        match &saved.set.way {
            Way::Dump(dump) => {
                if dump.restore.is_empty() {
                    return Err(failed(DataTrouble::NoCommand));
                }
                let mine = live.iter().find(|found| found.service == dump.service);
                let off = || failed(DataTrouble::Off { service: dump.service.clone() });
                let container = mine.ok_or_else(off)?;
                let writes = ctx.engine.write_to(&container.id, &dump.restore, input);
                let ran = within(ctx, saved.set.timeout, writes).await.map_err(stopped)?;
                if ran.code != Some(0) {
                    let logs = ran.words;
                    return Err(Failure { logs, ..failed(DataTrouble::Exit { code: ran.code }) });
                }
            }
            Way::Copy(copy) => {
                let copy = &beside(copy);
                let found = place(ctx, model, copy, live).await?;
                let message = "nothing mounts it".to_owned();
                let place = found.ok_or_else(|| failed(DataTrouble::Other { message }))?;
                let users = users(ctx, model, copy, live).await?;
                for id in &users {
                    ctx.engine.stop(id).await?;
                }
                ctx.engine.set_aside(&place.id, &place.path, "verify").await?;
                let writes = ctx.engine.write_files(&place.id, &place.path, input);
                within(ctx, saved.set.timeout, writes).await.map_err(stopped)?;
                ctx.engine.drop_aside(&place.id, &place.path, "verify").await?;
                for id in &users {
                    ctx.engine.start(id).await?;
                }
            }
        }
        Ok(())
    }
}

/// What is copied, in the stack beside: a volume there stands for a folder of the host.
fn beside(copy: &Copy) -> Copy {
    match copy.volume {
        true => copy.clone(),
        false => Copy { source: volume_of(&copy.source), volume: true, ..copy.clone() },
    }
}
