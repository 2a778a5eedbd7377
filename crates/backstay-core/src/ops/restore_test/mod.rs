//! `backups verify --restore`: a release is brought up beside the stack that runs, as a project of its own without host ports,
//! has to pass the gate, and is taken away again. Data is none of a release: its volumes and the folders that it writes are empty.

mod apart;
mod data;

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;

use apart::{Apart, Mounted, apart};
use data::Tested;
use futures_util::future::{Either, join_all, select};

use super::certificate::CertificateChoice;
use super::data::newest;
use super::deploy::{self, DeployOptions};
use super::environment::EnvironmentChoice;
use super::export::{CURRENT, chosen};
use super::from_release::Restoration;
use super::recover::lock;
use crate::context::{Cancel, Context};
use crate::engine::{Container, EngineResult};
use crate::error::{Error, Result};
use crate::event::{Failure, Outcome};
use crate::layout::Layout;
use crate::naming::restore_repository;
use crate::ports::Silent;
use crate::release::{Catalog, normal};
use crate::stack::{Model, StackRef};
use crate::state::{Found, find, plain};
use crate::steps::{end, images};
use crate::store::{EntryKind, Store};

/// What came of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreTest {
    /// The backup's name, or `current`.
    pub folder: String,
    /// The release.
    pub release: String,
    /// How many of its services were brought up.
    pub services: usize,
    /// Services that can't run beside those that run, and the key that says so.
    pub left_out: Vec<(String, String)>,
    /// Why it did not come up.
    pub failure: Option<Failure>,
    /// What could not be taken away again.
    pub left: Vec<String>,
}

/// The project of a test, and all that belongs to it.
struct Bench {
    project: String,
    /// Where its files are.
    directory: PathBuf,
    layout: Layout,
}

/// Tests the release that is meant: the one that `rollback` would go to, where none is named.
///
/// # Errors
/// [`Error::NoRelease`], [`Error::Incomplete`], what is damaged, or an engine that does not answer. A release that does not come
/// up is no error.
pub async fn run(ctx: &Context, stack: &StackRef, name: Option<&str>) -> Result<RestoreTest> {
    ctx.engine.info().await?;
    let found = find(ctx, stack).await?;
    // Before the lock makes a folder: a stack without releases stays without one.
    let name = meant(ctx, &found.layout, name)?;
    beside(ctx, stack, &found, name, None).await
}

/// Tests the data of a release: it is brought back into the services that have it, beside those that run. Without a name the newest.
///
/// # Errors
/// As [`run`], and [`Error::Incomplete`] for a release without data.
pub async fn of_data(ctx: &Context, stack: &StackRef, name: Option<&str>) -> Result<RestoreTest> {
    ctx.engine.info().await?;
    let found = find(ctx, stack).await?;
    let name = match name {
        Some(name) => name.to_owned(),
        None => newest(ctx, &found.layout)?,
    };
    let tested = Tested::of(ctx, &found.layout, &name)?;
    beside(ctx, stack, &found, name, Some(&tested)).await
}

async fn beside(
    ctx: &Context,
    stack: &StackRef,
    found: &Found,
    name: String,
    data: Option<&Tested>,
) -> Result<RestoreTest> {
    let project = format!("{}-backstay-restore-test", found.project);
    let home = format!(".{}", plain(&project));
    let home = ctx.state.engine(&found.engine).join(home);
    let directory = home.join("stack");
    let layout = ctx.state.layout(&found.engine, &project, &directory);
    ctx.store.create_dir(&home).map_err(|error| Error::io("creating", &home, error))?;
    let holder = ctx.holder();
    let _one = ctx.locks.acquire(&home.join("lock"), &holder)?;
    let bench = Bench { project, directory, layout };
    // What one left that was killed.
    let left = bench.clear(ctx).await?;
    if !left.is_empty() {
        return Err(Error::Incomplete { release: name, missing: left });
    }
    let tested = bench.test(ctx, stack, &found.layout, &name, data).await;
    // Whatever came of it, nothing stays.
    let cleared = bench.clear(&quiet(ctx, Cancel::never())).await;
    let mut tested = tested?;
    tested.left = cleared?;
    Ok(tested)
}

/// The release that is meant where none is named: the one before this, or where there is none this one.
fn meant(ctx: &Context, layout: &Layout, name: Option<&str>) -> Result<String> {
    if let Some(name) = name {
        return chosen(ctx, layout, name).map(|_| name.to_owned());
    }
    let (catalog, _) = Catalog::look(layout, &*ctx.store)?;
    match catalog.previous() {
        Ok(entry) => entry.good(layout, &*ctx.store).map(|_| entry.folder.clone()),
        Err(_) if catalog.current.is_some() => Ok(CURRENT.to_owned()),
        Err(error) => Err(error),
    }
}

/// The same world, in which nobody is told how a stack beside the user's gets on.
fn quiet(ctx: &Context, cancel: Cancel) -> Context {
    Context { reporter: Arc::new(Silent), cancel, ..ctx.clone() }
}

impl Bench {
    async fn test(
        &self,
        ctx: &Context,
        stack: &StackRef,
        layout: &Layout,
        name: &str,
        data: Option<&Tested>,
    ) -> Result<RestoreTest> {
        let (mut tested, unpacked) = self.unpack(ctx, stack, layout, name, data).await?;
        let Some((made, origin)) = unpacked else { return Ok(tested) };
        let file = self.directory.join("compose.json");
        let written = ctx.store.write(&file, made.text.as_bytes(), 0o600);
        written.map_err(|error| Error::io("writing", &file, error))?;
        let env_files = origin.interpolation_files();
        let env_files = env_files.iter().map(|file| self.copy(file));
        let there = |file: &PathBuf| is_there(file, &*ctx.store);
        let beside = StackRef {
            directory: self.directory.clone(),
            files: vec![file],
            project_name: Some(self.project.clone()),
            env_files: env_files.filter(there).collect(),
            environment: origin.environment.clone(),
            caller: stack.caller.clone(),
            ..StackRef::default()
        };
        let options = DeployOptions {
            build: false,
            rehearsal: false,
            backup: false,
            hooks: false,
            environment: EnvironmentChoice::Keep,
            certificate: CertificateChoice::Skip,
            ..DeployOptions::default()
        };
        let report = deploy::run(&quiet(ctx, ctx.cancel.clone()), &beside, &options).await?;
        if ctx.cancel.is_set() {
            return Err(Error::Interrupted);
        }
        if report.outcome != Outcome::Deployed {
            tested.failure = report.failure;
        } else if let Some(data) = data {
            let (ctx, model) = (quiet(ctx, ctx.cancel.clone()), Model::parse(&made.text)?);
            let brought = pin!(data.bring(&ctx, &model));
            tested.failure = match select(brought, pin!(ctx.cancel.wait())).await {
                Either::Left((done, _)) => done.err(),
                Either::Right(_) => return Err(Error::Interrupted),
            };
        }
        Ok(tested)
    }

    /// Puts the release's files into a folder of their own and its images onto the engine, while nobody can remove them.
    async fn unpack(
        &self,
        ctx: &Context,
        stack: &StackRef,
        layout: &Layout,
        name: &str,
        data: Option<&Tested>,
    ) -> Result<(RestoreTest, Option<(Apart, StackRef)>)> {
        let (_guard, layout) = lock(ctx, layout)?;
        let (folder, _) = chosen(ctx, &layout, name)?;
        let target = Restoration::check(ctx, stack, &layout, folder, None).await?;
        let release = &target.folder.release;
        let mut tested = RestoreTest {
            folder: name.to_owned(),
            release: release.id.clone(),
            services: release.services.len(),
            left_out: Vec::new(),
            failure: None,
            left: Vec::new(),
        };
        let loaded = {
            let ctx = quiet(ctx, ctx.cancel.clone());
            images::load(&ctx, &layout, &target.absent, &target.pulled).await
        };
        let loaded = match loaded {
            Ok(loaded) => loaded,
            Err(failure) => {
                tested.failure = Some(failure);
                return Ok((tested, None));
            }
        };
        for image in loaded.values() {
            // They have no name, and anybody may tidy up.
            let hex: String = image.trim_start_matches("sha256:").chars().take(12).collect();
            ctx.engine.tag(image, &format!("{}:{hex}", restore_repository(&self.project))).await?;
        }
        let directory = &target.stack.directory;
        for (record, content) in &target.copies {
            let Some(content) = content else { continue };
            let copy = self.copy(&directory.join(&record.path));
            let io = |error| Error::io("writing", &copy, error);
            ctx.store.create_dir(copy.parent().unwrap_or(&self.directory)).map_err(io)?;
            ctx.store.write(&copy, content, record.mode).map_err(io)?;
        }
        let wanted = data.map(|data| data.services(&target.model));
        let image = |service: &str| {
            if wanted.as_ref().is_some_and(|wanted| !wanted.contains(service)) {
                return None;
            }
            let image = &release.services.get(service)?.image;
            Some(loaded.get(image).unwrap_or(image).clone())
        };
        let store = &*ctx.store;
        let mounted = |path: &Path| {
            let copy = self.copy(path);
            match store.metadata(path).ok().flatten() {
                _ if is_there(&copy, store) => Mounted::Copy(copy),
                Some(found) if found.kind != EntryKind::Directory => Mounted::Read,
                _ => Mounted::Empty,
            }
        };
        let made = apart(&target.model.raw, &self.project, &image, &mounted);
        tested.services = wanted.as_ref().map_or(tested.services, BTreeSet::len);
        tested.services -= made.left_out.len();
        tested.left_out.clone_from(&made.left_out);
        Ok((tested, Some((made, target.stack.clone()))))
    }

    /// Where a file of the release is: under its full path, in the folder of the test.
    fn copy(&self, path: &Path) -> PathBuf {
        let is_name = |part: &Component<'_>| matches!(part, Component::Normal(_));
        let inside: PathBuf = normal(path).components().filter(is_name).collect();
        self.directory.join("files").join(inside)
    }

    /// Takes everything of the project away. Returns what could not be.
    async fn clear(&self, ctx: &Context) -> Result<Vec<String>> {
        let mut left = Vec::new();
        let mut note = |what: &str, done: EngineResult<()>| {
            left.extend(done.err().map(|error| format!("{what}: {error}")));
        };
        let containers = ctx.engine.containers(&self.project).await?;
        let is_strange =
            |c: &&Container| c.directory.as_ref().is_some_and(|d| *d != self.directory);
        if let Some(strange) = containers.iter().find(is_strange) {
            return Err(Error::OtherStack {
                project: self.project.clone(),
                directory: strange.directory.clone().unwrap_or_default(),
                files: strange.files.clone(),
                services: containers.iter().map(|found| found.service.clone()).collect(),
            });
        }
        let ended = join_all(containers.iter().map(|container| end(ctx, &container.id))).await;
        for (container, done) in containers.iter().zip(ended) {
            note(&container.name, done);
        }
        for network in ctx.engine.networks(&self.project).await? {
            note(&network, ctx.engine.remove_network(&network).await);
        }
        for volume in ctx.engine.volumes(&self.project).await? {
            note(&volume, ctx.engine.remove_volume(&volume).await);
        }
        let repository = restore_repository(&self.project);
        for tag in ctx.engine.tags(&repository).await? {
            let reference = format!("{repository}:{tag}");
            note(&reference, ctx.engine.untag(&reference).await);
        }
        for folder in [self.layout.root(), &self.directory] {
            let removed = ctx.store.remove_dir(folder);
            left.extend(removed.err().map(|error| format!("{}: {error}", folder.display())));
        }
        Ok(left)
    }
}

fn is_there(path: &Path, store: &dyn Store) -> bool {
    store.metadata(path).is_ok_and(|found| found.is_some())
}
