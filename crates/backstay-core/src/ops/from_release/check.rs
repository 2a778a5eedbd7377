//! A release that is to be restored, with all that it needs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::chosen::Chosen;
use crate::context::Context;
use crate::data::{self, SavedData};
use crate::engine::{Container, Status, Stranger};
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::observed::{Observed, Orphans, is_live, observe};
use crate::ops::gateway;
use crate::ops::options::RollbackOptions;
use crate::release::{Catalog, FileRecord, Release, ReleaseFolder};
use crate::secrets::in_release;
use crate::stack::{Model, StackRef, Way, completed};
use crate::steps::files::{self, FileChange};
use crate::vault::Vault;

/// Which services, and what they alone need.
pub(super) struct Scope {
    /// Their names.
    pub services: BTreeSet<String>,
    /// The backup, with no more files than those that are to come back.
    pub files: ReleaseFolder,
    /// What the engine said of the containers: the backup's for these services, what runs now for the others.
    pub containers: Vec<Value>,
}

/// The release to restore, checked.
pub(crate) struct Restoration {
    pub folder: ReleaseFolder,
    /// Its flags, in the place where the stack is now.
    pub stack: StackRef,
    pub model: Model,
    pub rendered: String,
    /// Its files with their content.
    pub copies: Vec<(FileRecord, Option<Vec<u8>>)>,
    /// Images that have to be loaded from the vault, or pulled.
    pub absent: Vec<String>,
    /// Those of them that a registry has, and where.
    pub pulled: BTreeMap<String, String>,
    /// Which services, where it is not all of them.
    pub(super) scope: Option<Scope>,
    /// The data that comes back with it.
    pub(super) data: Vec<SavedData>,
    /// The folder in which that is.
    pub(super) data_at: PathBuf,
    /// The file for the gateway that is there now, where the release had none.
    obsolete: Option<String>,
    /// The containers of others: what they use is not written.
    strangers: Vec<Stranger>,
}

impl Restoration {
    /// Whether all that the release had can be brought back, or the user said to go on all the same.
    pub(super) fn whole(&self, ctx: &Context, options: &RollbackOptions) -> Result<()> {
        if options.stays {
            return Ok(());
        }
        let lost = self.compare(ctx)?.lost;
        if lost.is_empty() || options.leave_files {
            return Ok(());
        }
        Err(Error::NotWhole { release: self.folder.release.id.clone(), lost })
    }

    /// Finds the data that is to come back with it, and whether it can.
    pub(super) async fn find_data(
        &mut self,
        ctx: &Context,
        project: &Path,
        observed: &Observed,
        folder: PathBuf,
    ) -> Result<()> {
        let store = &*ctx.store;
        let record = data::read(&folder, store)?;
        let saved: Vec<SavedData> =
            record.into_iter().flat_map(|record| record.sets.into_values()).collect();
        let mut missing = Vec::new();
        if saved.is_empty() {
            missing.push("no data was saved with it".to_owned());
        }
        for saved in &saved {
            data::check(&folder, saved, store)?;
            let name = &saved.set.name;
            if saved.set.stays_encrypted() {
                missing.push(format!(
                    "the data of `{name}` is encrypted, and `encrypt.decrypt` names no command that decrypts it"
                ));
            } else if let Some(failed) = data::try_out(&folder, saved, ctx, project).await? {
                missing.push(format!("the data of `{name}` can't be decrypted: {failed}"));
            }
            match &saved.set.way {
                Way::Dump(dump) if dump.restore.is_empty() => {
                    missing.push(format!("the data of `{name}` has no command to bring it back"));
                }
                Way::Dump(dump) => {
                    let runs = |found: &&Container| {
                        found.service == dump.service && found.state.status == Status::Running
                    };
                    if !observed.live.iter().any(|found| runs(&found)) {
                        missing
                            .push(format!("`{}` does not run, which takes the data", dump.service));
                    }
                }
                Way::Copy(copy) => {
                    if !data::can_return(ctx, &self.model, copy, &observed.live).await? {
                        missing.push(format!(
                            "no container mounts all of `{name}` so that it can be written"
                        ));
                    }
                }
            }
        }
        if !missing.is_empty() {
            return Err(Error::Incomplete { release: self.folder.release.id.clone(), missing });
        }
        (self.data, self.data_at) = (saved, folder);
        Ok(())
    }

    /// The files that come back.
    pub(super) fn coming(&self) -> BTreeSet<PathBuf> {
        let directory = &self.stack.directory;
        let kept = self.files().release.files.iter().filter(|file| file.stored.is_some());
        kept.map(|file| directory.join(&file.path)).collect()
    }

    pub(super) fn compare(&self, ctx: &Context) -> Result<files::Comparison> {
        let ground = ctx.ground(&self.stack.directory);
        let mut found = files::compare(self.files(), &ground, &self.strangers)?;
        if let (Some(path), None) = (&self.obsolete, &self.scope) {
            let before = files::content(&files::place(&ground, path)?, &*ctx.store)?;
            found.changes.push(FileChange { path: path.clone(), content: None, before });
        }
        Ok(found)
    }

    /// What is to be restored, and what runs.
    pub(super) async fn find(
        ctx: &Context,
        stack: &StackRef,
        layout: &Layout,
        catalog: &Catalog,
        chosen: Chosen,
    ) -> Result<(Self, Observed)> {
        let target = Self::check(ctx, stack, layout, chosen.folder, chosen.only.as_ref()).await?;
        let mut observed = target.observe(ctx, catalog).await?;
        if chosen.only.is_none() {
            // A service that the files have given a profile since is left alone by them, and is the release's all the same.
            let all = ctx.engine.containers(&target.model.project).await?;
            let is_new = |container: &Container| {
                target.folder.release.services.contains_key(&container.service)
                    && is_live(container)
                    && observed.live.iter().all(|known| known.id != container.id)
            };
            let more: Vec<Container> = all.into_iter().filter(is_new).collect();
            observed.live.extend(more);
        }
        let target = match chosen.only {
            Some(services) => target.narrowed(ctx, services, catalog, &observed)?,
            None => target,
        };
        Ok((target, observed))
    }

    /// Checks before anything is touched that all that the release needs is there.
    pub(crate) async fn check(
        ctx: &Context,
        stack: &StackRef,
        layout: &Layout,
        mut folder: ReleaseFolder,
        only: Option<&BTreeSet<String>>,
    ) -> Result<Self> {
        let store = &*ctx.store;
        let mut copies = Vec::new();
        for record in &folder.release.files {
            copies.push((record.clone(), folder.file(record, store)?));
        }
        let containers = folder.containers(store)?;
        ctx.secrets.add(in_release(&folder, store));
        let rendered =
            moved(&folder.model(store)?, &folder.release.stack.directory, &stack.directory);
        // Whatever the files named when it was recorded: all that the release had comes back.
        let services = folder.release.services.clone();
        let names: BTreeSet<&str> = services.keys().map(String::as_str).collect();
        let rendered = completed(&rendered, &containers, &names, &folder.release.differs)?;
        let mut model = Model::parse(&rendered)?;
        count_replicas(&mut model, &folder.release);
        folder.release.networks.extend(model.own_networks().map(str::to_owned));
        folder.release.networks.sort();
        folder.release.networks.dedup();
        // A service that had no container had none.
        model.services.retain(|name, service| {
            folder.release.services.contains_key(name) || service.replicas == 0
        });
        let vault = Vault::new(layout.vault(), ctx.store.clone());
        let unknown = names.iter().filter(|name| !model.services.contains_key(**name));
        let mut missing: Vec<String> = unknown
            .map(|name| format!("neither `model.yml` nor `containers.json` has service `{name}`"))
            .collect();
        let mut absent = Vec::new();
        let services = folder.release.services.iter();
        let services = services.filter(|(name, _)| only.is_none_or(|only| only.contains(*name)));
        let services =
            services.map(|(_, service)| (service.image.as_str(), service.pulled.clone()));
        let mut pulled = BTreeMap::new();
        for (image, registry) in services.collect::<BTreeMap<_, _>>() {
            if ctx.engine.image(image).await?.is_some() {
                continue;
            }
            let list = vault.index_file(image);
            let found =
                store.metadata(&list).map_err(|error| Error::io("reading", &list, error))?;
            if found.is_some() {
                // Now, and not when the files are in place and the engine has half of it.
                vault.check(image)?;
                absent.push(image.to_owned());
            } else if let Some(registry) = registry {
                absent.push(image.to_owned());
                pulled.insert(image.to_owned(), registry);
            } else {
                let list = list.display();
                missing.push(format!(
                    "image {image} is neither on the engine nor in the vault: there is no `{list}`"
                ));
            }
        }
        if !missing.is_empty() {
            return Err(Error::Incomplete { release: folder.release.id.clone(), missing });
        }
        let obsolete = gateway::obsolete(stack, &folder.release.files, store)?;
        let stack = rebase(&folder.release.stack, stack);
        let strangers = ctx.engine.strangers(&model.project).await?;
        Ok(Self {
            stack,
            folder,
            model,
            rendered,
            copies,
            absent,
            pulled,
            scope: None,
            data: Vec::new(),
            data_at: PathBuf::new(),
            obsolete,
            strangers,
        })
    }

    async fn observe(&self, ctx: &Context, catalog: &Catalog) -> Result<Observed> {
        // What runs now is recorded, or is adopted under the flags that the stack has now.
        let here = |folder: &ReleaseFolder| rebase(&folder.release.stack, &self.stack);
        let stack = &catalog.recorded().map_or_else(|| self.stack.clone(), here);
        let rendered = match catalog.recorded() {
            Some(folder) => folder.model(&*ctx.store)?,
            None => self.rendered.clone(),
        };
        let model = Model::parse(&rendered)?;
        observe(ctx, stack, &model, &rendered, catalog, Orphans::Leave).await
    }
}

/// A release has as many containers of each service as were recorded, whatever the model says.
pub(super) fn count_replicas(model: &mut Model, release: &Release) {
    for (name, recorded) in &release.services {
        if let Some(service) = model.services.get_mut(name) {
            service.replicas = u32::try_from(recorded.containers.len()).unwrap_or(u32::MAX);
        }
    }
}

/// The model of a stack whose folder may have been moved since: it has the folder's full path in it.
fn moved(rendered: &str, from: &Path, to: &Path) -> String {
    match (from.to_str(), to.to_str()) {
        (Some(from), Some(to)) if from != to => rendered.replace(from, to),
        _ => rendered.to_owned(),
    }
}

/// A release's flags for the stack as it is addressed now: its folder may have been moved since.
fn rebase(stack: &StackRef, now: &StackRef) -> StackRef {
    let directory = &now.directory;
    let moved = |path: &PathBuf| match path.strip_prefix(&stack.directory) {
        Ok(inside) => directory.join(inside),
        Err(_) => path.clone(),
    };
    StackRef {
        directory: directory.clone(),
        caller: now.caller.clone(),
        files: stack.files.iter().map(moved).collect(),
        project_directory: stack.project_directory.as_ref().map(moved),
        env_files: stack.env_files.iter().map(moved).collect(),
        ..stack.clone()
    }
}
