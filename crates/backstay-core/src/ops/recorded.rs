//! What both kinds of runs record.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::engine::Container;
use crate::event::Failure;
use crate::observed::Observed;
use crate::plan::{Step, Undo};
use crate::release::{Catalog, ServiceRecord};
use crate::run::Run;
use crate::stack::Model;
use crate::steps::files::{self, FileChange};
use crate::steps::{Transaction, backup, storing};

/// Saves what ran before, and the files that these changes replace. Returns the backup's folder; none where nothing is recorded.
pub(crate) async fn save(
    run: &mut Run<'_>,
    catalog: &Catalog,
    observed: &Observed,
    services: Option<&BTreeSet<String>>,
    changes: &[FileChange],
) -> Result<Option<PathBuf>, Failure> {
    let Some(snapshot) = &observed.snapshot else { return Ok(None) };
    let (ctx, layout) = (run.ctx, run.layout.clone());
    let folder = match services {
        Some(_) => format!("update_{}", run.state.run),
        None => run.state.run.clone(),
    };
    keep_superseded(run, catalog, observed).await?;
    storing::protect(run, snapshot.release.stored_images()).await?;
    let place = layout.backup(&folder);
    let effect = async {
        backup::apply(ctx, &layout, &folder, snapshot, services)?;
        files::keep(changes, &place, &*ctx.store).map_err(Failure::from)
    };
    run.step(Step::Backup, Undo::Backup { folder: folder.clone() }, effect).await?;
    Ok(Some(place))
}

/// The recorded fingerprints of live containers, by container.
pub(crate) fn fingerprints(observed: &Observed) -> BTreeMap<String, String> {
    let recorded = observed.snapshot.as_ref().map(|snapshot| &snapshot.release.services);
    let of = |container: &Container| {
        let service = recorded?.get(&container.service)?;
        Some((container.id.clone(), service.fingerprint.clone()))
    };
    observed.live.iter().filter_map(of).collect()
}

/// Saves the recorded release beside what runs, where somebody replaced its containers from outside.
async fn keep_superseded(
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
