//! Containers to be, as the stack's files describe them.

use std::collections::BTreeMap;

use backstay_core::engine::{
    ContainerFile, CreateService, EngineError, EngineErrorKind, EngineResult,
};
use backstay_core::stack::{ContentOrigin, Model, MountKind, Service};
use serde_json::Value;

use super::state::{EngineState, FakeMount};

/// A container to be.
#[derive(Debug, Clone)]
pub(in crate::fake) struct Blueprint {
    /// What its service says.
    pub(super) service: Service,
    /// The id of its image.
    pub(super) image: String,
    /// The reference that it is created from.
    pub(super) image_ref: String,
    /// Compose's hash.
    pub(super) compose_hash: Option<String>,
    /// Its networks by the engine's name, with the extra DNS names and whether the project owns them.
    pub(super) networks: BTreeMap<String, (Vec<String>, bool)>,
    /// Its mounts; the source is empty where it is an anonymous volume.
    pub(super) mounts: Vec<FakeMount>,
    /// The files that are put into it.
    pub(super) files: Vec<ContainerFile>,
    /// Its number, where it has to be this one.
    pub(super) number: Option<u32>,
}

/// Blueprints of services as the stack's files describe them.
pub(in crate::fake) fn from_model(
    engine: &EngineState,
    model: &Model,
    wanted: &[CreateService],
) -> EngineResult<BTreeMap<String, Vec<Blueprint>>> {
    let mut all = BTreeMap::new();
    for wanted in wanted {
        let name = &wanted.service;
        let Some(service) = model.services.get(name) else { continue };
        let by_id = wanted.image.as_ref().map(|image| image.id.clone());
        let image = by_id.or_else(|| engine.image_id(&service.image)).ok_or_else(|| {
            error(EngineErrorKind::NotFound, format!("no such image: {}", service.image))
        })?;
        let networks = service.networks.iter().filter_map(|(key, joined)| {
            let network = model.networks.get(key)?;
            Some((network.name.clone(), (joined.aliases.clone(), !network.external)))
        });
        let volume_name = |key: &str| {
            let named = model.volumes.get(key)?.get("name").and_then(Value::as_str);
            named.map(str::to_owned)
        };
        let mounts = service.mounts.iter().map(|mount| {
            let volume = mount.kind == MountKind::Volume;
            let source = volume.then(|| volume_name(&mount.source)).flatten();
            let source = source.unwrap_or_else(|| mount.source.clone());
            FakeMount { source, target: mount.target.clone(), volume }
        });
        let blueprint = Blueprint {
            image,
            image_ref: service.image.clone(),
            compose_hash: Some(super::compose::hash(&service.raw)),
            networks: networks.collect(),
            mounts: mounts.collect(),
            number: None,
            files: files(model, service),
            service: service.clone(),
        };
        all.insert(name.clone(), vec![blueprint]);
    }
    Ok(all)
}

/// The files that a model puts into a container: those whose content it has itself.
fn files(model: &Model, service: &Service) -> Vec<ContainerFile> {
    let written = model.injected(service).into_iter().filter_map(|file| match file.origin {
        ContentOrigin::Text(text) => Some(ContainerFile {
            path: file.target,
            content: text.into_bytes(),
            mode: file.mode,
            owner: Some((0, 0)),
        }),
        ContentOrigin::Variable(_) => None,
    });
    written.collect()
}

/// What went wrong while creating.
pub(super) fn error(kind: EngineErrorKind, message: String) -> EngineError {
    EngineError::new(kind, "creating containers", message)
}
