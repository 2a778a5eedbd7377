//! What both kinds of runs record.

use std::collections::BTreeMap;

use crate::engine::Container;
use crate::event::Failure;
use crate::plan::{Step, Undo};
use crate::release::{Catalog, ServiceRecord};
use crate::run::Run;
use crate::running::Observed;
use crate::stack::Model;
use crate::steps::{Transaction, backup};

/// Saves the recorded release beside what runs, where somebody replaced its containers from outside.
pub(crate) async fn keep_superseded(
    run: &mut Run<'_>,
    catalog: &Catalog,
    observed: &Observed,
) -> Result<(), Failure> {
    let ctx = run.ctx;
    let Some(folder) = backup::folder_of_superseded(ctx, catalog, observed) else { return Ok(()) };
    let layout = run.layout.clone();
    let effect = async { backup::keep_superseded(ctx, &layout, &folder, observed) };
    run.step(Step::Backup, Undo::Backup { folder: folder.clone() }, effect).await
}

/// What the services of a release run, from its verified containers.
pub(crate) fn services(
    model: &Model,
    live: &[Container],
    transaction: &Transaction<'_>,
) -> BTreeMap<String, ServiceRecord> {
    let mut services: BTreeMap<String, ServiceRecord> = BTreeMap::new();
    let mut sorted: Vec<&Container> =
        live.iter().filter(|c| model.services.contains_key(&c.service)).collect();
    sorted.sort_by_key(|container| container.number);
    for container in sorted {
        let own =
            container.fingerprint.as_ref().or_else(|| transaction.fingerprints.get(&container.id));
        let record = services.entry(container.service.clone()).or_insert_with(|| ServiceRecord {
            reference: model.services[&container.service].image.clone(),
            image: container.image.clone(),
            content: None,
            pulled: None,
            fingerprint: own.cloned().unwrap_or_default(),
            compose_hash: container.compose_hash.clone(),
            containers: Vec::new(),
        });
        record.containers.push(container.id.clone());
    }
    services
}
