//! [`Engine`] over an [`EngineState`], with faults.

use std::collections::BTreeMap;

use async_trait::async_trait;
use backstay_core::engine::ImageFacts;
use backstay_core::engine::{
    BuildRequest, Claim, Container, ContainerFile, CreateFrom, CreateRequest, Created, EngineError,
    EngineErrorKind, EngineInfo, EngineResult, ImageDetail, MemoryUse, PullRequest, Stranger,
};
use backstay_core::ports::{Clock, Composer, Containers, Engine, Images, Reporter};
use backstay_core::stack::{Hooks, Restart, StackRef};
use backstay_core::vault::Vault;
use serde_json::Value;

use super::disk_error::io_error;
use crate::fake::engine::{FakeContainer, ID, blueprint, compose, export, recorded};
use crate::fake::faults::{Call, Extent, Why};
use crate::fake::machine::World;
use crate::fake::process::Process;

/// The engine, as a process reaches it.
#[derive(Debug, Clone)]
pub struct FakeEngine {
    process: Process,
}

impl FakeEngine {
    pub(in crate::fake) const fn new(process: Process) -> Self {
        Self { process }
    }

    pub(super) const fn process(&self) -> &Process {
        &self.process
    }

    pub(super) async fn read<T>(
        &self,
        name: &str,
        act: impl FnOnce(&World) -> EngineResult<T> + Send,
    ) -> EngineResult<T> {
        self.call(name.to_owned(), Call::Read, |world, _| act(world)).await
    }

    pub(super) async fn change<T>(
        &self,
        name: String,
        act: impl FnOnce(&mut World) -> EngineResult<T> + Send,
    ) -> EngineResult<T> {
        self.call(name, Call::Atomic, |world, _| act(world)).await
    }

    /// What may stop half-way.
    pub(super) async fn divisible<T>(
        &self,
        name: String,
        act: impl FnOnce(&mut World, bool) -> EngineResult<T> + Send,
    ) -> EngineResult<T> {
        self.call(name, Call::Divisible, |world, extent| act(world, extent.is_half())).await
    }

    pub(super) async fn call<T>(
        &self,
        name: String,
        how: Call,
        act: impl FnOnce(&mut World, Extent) -> EngineResult<T> + Send,
    ) -> EngineResult<T> {
        let error = |name: &str, why: Why| match why {
            Why::Gone => EngineError::new(
                EngineErrorKind::NotRunning,
                name,
                "cannot connect to the Docker daemon",
            ),
            _ => EngineError::new(EngineErrorKind::Other, name, "injected"),
        };
        self.process.call(format!("engine.{name}"), how, act, error).await
    }

    /// What a container is called in the list of points.
    pub(super) fn name(&self, id: &str) -> String {
        let name = |world: &mut World| world.engine.containers.get(id).map(|c| c.name.clone());
        self.process.machine().with(name).unwrap_or_else(|| id.chars().take(12).collect())
    }
}

#[async_trait]
impl Engine for FakeEngine {
    async fn info(&self) -> EngineResult<EngineInfo> {
        self.read("info", |_| {
            Ok(EngineInfo {
                engine: "26.1.0".to_owned(),
                api: "1.45".to_owned(),
                compose: "2.40.3".to_owned(),
                host: "fake://".to_owned(),
            })
        })
        .await
    }

    async fn id(&self) -> EngineResult<String> {
        self.read("id", |_| Ok(ID.to_owned())).await
    }

    async fn claim(&self, project: &str, claim: &Claim) -> EngineResult<Option<Claim>> {
        self.change(format!("claim {project}"), |world| {
            let found = world.engine.claims.entry(project.to_owned()).or_insert(claim.clone());
            Ok((found.token != claim.token).then(|| found.clone()))
        })
        .await
    }

    async fn release(&self, project: &str, claim: &Claim) -> EngineResult<()> {
        self.change(format!("release {project}"), |world| {
            world.engine.claims.retain(|_, found| found.token != claim.token);
            Ok(())
        })
        .await
    }
}

#[async_trait]
impl Composer for FakeEngine {
    async fn model(&self, stack: &StackRef) -> EngineResult<String> {
        // JSON is YAML.
        self.read("model", |world| {
            compose::resolve(&world.disk, stack).map(|model| format!("{model:#}\n"))
        })
        .await
    }

    async fn compose_hashes(&self, stack: &StackRef) -> EngineResult<BTreeMap<String, String>> {
        self.read("compose_hashes", |world| {
            let model = compose::model(&world.disk, stack)?;
            let services = model.services.into_iter();
            Ok(services.map(|(name, service)| (name, compose::hash(&service.raw))).collect())
        })
        .await
    }

    async fn all_services(&self, stack: &StackRef) -> EngineResult<Vec<String>> {
        self.read("all_services", |world| {
            let model = compose::resolve_all(&world.disk, stack)?;
            let services = model.get("services").and_then(Value::as_object);
            Ok(services.into_iter().flat_map(|services| services.keys().cloned()).collect())
        })
        .await
    }

    async fn build(&self, request: &BuildRequest<'_>, reporter: &dyn Reporter) -> EngineResult<()> {
        let name = format!("build {}", list(request.targets.keys()));
        self.call(name, Call::Divisible, |world, extent| {
            let model = compose::model(&world.disk, request.stack)?;
            let World { disk, engine, .. } = world;
            engine.build(&model, disk, request, extent.is_half(), reporter)
        })
        .await
    }

    async fn pull(&self, request: &PullRequest<'_>, reporter: &dyn Reporter) -> EngineResult<()> {
        let name = format!("pull {}", list(request.services.iter()));
        self.call(name, Call::Divisible, |world, extent| {
            let model = compose::model(&world.disk, request.stack)?;
            world.engine.pull(&model, request, extent.is_half(), reporter)
        })
        .await
    }

    async fn down(&self, stack: &StackRef, volumes: bool) -> EngineResult<()> {
        self.change("down".to_owned(), |world| {
            let project = compose::model(&world.disk, stack)?.project;
            world.engine.down(&project, volumes);
            Ok(())
        })
        .await
    }

    async fn create(&self, request: &CreateRequest<'_>) -> EngineResult<Vec<Created>> {
        let name = format!("create {}", list(request.services.iter().map(|s| &s.service)));
        self.call(name, Call::Divisible, |world, extent| {
            let blueprints = match request.source {
                CreateFrom::Compose(stack) => {
                    let model = compose::model(&world.disk, stack)?;
                    blueprint::from_model(&world.engine, &model, request.services)?
                }
                CreateFrom::Recorded(records) => recorded::from_records(request.project, records)?,
            };
            world.engine.create(request, &blueprints, extent.is_half())
        })
        .await
    }
}

#[async_trait]
impl Containers for FakeEngine {
    async fn containers(&self, project: &str) -> EngineResult<Vec<Container>> {
        self.read("containers", |world| {
            let all = world.engine.containers.values();
            let own = all.filter(|c| c.project.as_deref() == Some(project) && !c.one_off);
            let mut list: Vec<Container> = own.map(FakeContainer::view).collect();
            list.sort_by(|a, b| {
                (&a.service, a.number, &a.name).cmp(&(&b.service, b.number, &b.name))
            });
            Ok(list)
        })
        .await
    }

    async fn container(&self, id: &str) -> EngineResult<Option<Container>> {
        self.read("container", |world| Ok(world.engine.containers.get(id).map(FakeContainer::view)))
            .await
    }

    async fn inspect(&self, ids: &[String]) -> EngineResult<Vec<Value>> {
        self.read("inspect", |world| {
            ids.iter().map(|id| Ok(world.engine.get(id, "inspecting")?.inspect())).collect()
        })
        .await
    }

    async fn logs(&self, id: &str, lines: usize) -> EngineResult<Vec<String>> {
        self.read("logs", |world| {
            let logs = &world.engine.get(id, "reading logs")?.logs;
            Ok(logs[logs.len().saturating_sub(lines)..].to_vec())
        })
        .await
    }

    async fn last_end(&self, id: &str) -> EngineResult<Option<i64>> {
        self.read("last_end", |world| {
            Ok(world.engine.containers.get(id).and_then(|container| container.life.last_end))
        })
        .await
    }

    async fn processes(&self, _: &str) -> EngineResult<Option<Vec<u32>>> {
        self.read("processes", |_| Ok(Some(vec![1]))).await
    }

    async fn memory(&self, _: &[String]) -> EngineResult<Option<MemoryUse>> {
        self.read("memory", |_| Ok(None)).await
    }

    async fn strangers(&self, project: &str) -> EngineResult<Vec<Stranger>> {
        self.read("strangers", |world| Ok(world.engine.strangers(project))).await
    }

    async fn start(&self, id: &str) -> EngineResult<()> {
        self.change(format!("start {}", self.name(id)), |world| world.engine.start(id)).await
    }

    async fn stop(&self, id: &str) -> EngineResult<()> {
        let patience = self.process.machine().with(|world| world.engine.time_to_stop(id));
        if !patience.is_zero() {
            self.process.clock().sleep(patience).await;
        }
        self.change(format!("stop {}", self.name(id)), |world| {
            world.engine.stop(id);
            Ok(())
        })
        .await
    }

    async fn never_restart(&self, id: &str) -> EngineResult<()> {
        self.change(format!("never_restart {}", self.name(id)), |world| {
            if let Some(container) = world.engine.containers.get_mut(id) {
                container.spec.restart = Restart::Never;
            }
            Ok(())
        })
        .await
    }

    async fn signal(&self, id: &str, signal: &str) -> EngineResult<()> {
        let point = format!("signal {} {signal}", self.name(id));
        self.change(point, |world| world.engine.get(id, "sending a signal").map(|_| ())).await
    }

    async fn remove(&self, id: &str, volumes: bool) -> EngineResult<()> {
        self.change(format!("remove {}", self.name(id)), |world| {
            world.engine.remove(id, volumes);
            Ok(())
        })
        .await
    }

    async fn rename(&self, id: &str, name: &str) -> EngineResult<()> {
        let point = format!("rename {} {name}", self.name(id));
        self.change(point, |world| world.engine.rename(id, name)).await
    }

    async fn files(&self, id: &str, path: &str) -> EngineResult<Vec<ContainerFile>> {
        self.read("files", |world| Ok(world.engine.files_at(id, path))).await
    }

    async fn altered(&self, id: &str, files: &[ContainerFile]) -> EngineResult<Vec<String>> {
        self.read("altered", |world| Ok(world.engine.altered(id, files))).await
    }

    fn remember_hooks(&self, _id: &str, _hooks: &Hooks) {}

    fn hook_output(&self) -> Vec<(String, String)> {
        Vec::new()
    }
}

#[async_trait]
impl Images for FakeEngine {
    async fn image(&self, reference: &str) -> EngineResult<Option<String>> {
        self.read("image", |world| Ok(world.engine.image_id(reference))).await
    }

    async fn image_detail(
        &self,
        reference: &str,
        _: Option<&str>,
    ) -> EngineResult<Option<ImageDetail>> {
        self.read("image_detail", |world| Ok(world.engine.image_detail(reference))).await
    }

    async fn image_facts(&self, reference: &str) -> EngineResult<Option<ImageFacts>> {
        let facts = |world: &World| world.engine.image_id(reference).map(|_| ImageFacts::default());
        self.read("image_facts", |world| Ok(facts(world))).await
    }

    async fn tag(&self, image: &str, reference: &str) -> EngineResult<()> {
        self.change(format!("tag {reference}"), |world| {
            if reference.contains('@') {
                let message = "refusing to create a tag with a digest reference";
                return Err(EngineError::new(EngineErrorKind::Other, "tagging", message));
            }
            world.engine.tag(image, reference)
        })
        .await
    }

    async fn untag(&self, reference: &str) -> EngineResult<()> {
        self.change(format!("untag {reference}"), |world| {
            world.engine.untag(reference);
            Ok(())
        })
        .await
    }

    async fn tags(&self, repository: &str) -> EngineResult<Vec<String>> {
        self.read("tags", |world| {
            let all = world.engine.images.values().flat_map(|image| &image.tags);
            let tags = all.filter_map(|tag| tag.rsplit_once(':'));
            Ok(tags.filter(|(name, _)| *name == repository).map(|(_, t)| t.to_owned()).collect())
        })
        .await
    }

    async fn fetch_image(&self, reference: &str) -> EngineResult<()> {
        self.change(format!("fetch_image {reference}"), |world| world.engine.fetch(reference)).await
    }

    async fn save_image(&self, image: &str, vault: &Vault) -> EngineResult<()> {
        let name = format!("save_image {image}");
        let content = self.change(name, |world| world.engine.content(image)).await?;
        let action = format!("saving {image}");
        let bytes = export::pack(&content).map_err(|error| io_error(&action, &error))?;
        vault.put(image, &mut bytes.as_slice()).map_err(|error| io_error(&action, &error))
    }

    async fn load_image(&self, image: &str, vault: &Vault) -> EngineResult<String> {
        let action = format!("loading {image}");
        let stream = vault.get(image).map_err(|error| io_error(&action, &error))?;
        let content = export::unpack(stream).map_err(|error| io_error(&action, &error))?;
        self.change(format!("load_image {image}"), |world| Ok(world.engine.add_image(content)))
            .await
    }
}

pub(super) fn list<'a>(names: impl Iterator<Item = &'a String>) -> String {
    names.map(String::as_str).collect::<Vec<_>>().join("+")
}
