//! What both kinds of runs record.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::conduct::note;
use crate::data::writers;
use crate::engine::Container;
use crate::event::{Failure, Note};
use crate::observed::Observed;
use crate::plan::{Step, Undo};
use crate::release::{Catalog, ServiceRecord};
use crate::run::Run;
use crate::stack::{DataSet, Model, Way};
use crate::steps::files::{self, FileChange};
use crate::steps::save_data::{self, Source};
use crate::steps::{Transaction, backup, storing};

/// Which data is saved with a backup.
pub(crate) struct Keeping<'a> {
    /// The model that says what data there is.
    pub model: &'a Model,
    /// Whether it is to be saved.
    pub wanted: bool,
    /// Sets that are saved later, when their writers stand still.
    pub later: BTreeSet<String>,
}

/// Saves what ran before, and the files that these changes replace. Returns the backup's folder; none where nothing is recorded.
pub(crate) async fn save(
    run: &mut Run<'_>,
    catalog: &Catalog,
    observed: &Observed,
    services: Option<&BTreeSet<String>>,
    changes: &[FileChange],
    data: Keeping<'_>,
) -> Result<Option<PathBuf>, Failure> {
    let Some(snapshot) = &observed.snapshot else { return Ok(None) };
    let (ctx, layout) = (run.ctx, run.layout.clone());
    let folder = backup_folder(&run.state.run, services.is_some());
    keep_superseded(run, catalog, observed).await?;
    storing::protect(run, snapshot.release.stored_images()).await?;
    let place = layout.backup(&folder);
    let effect = async {
        backup::apply(ctx, &layout, &folder, snapshot, services)?;
        files::keep(changes, &place, &*ctx.store).map_err(Failure::from)
    };
    run.step(Step::Backup, Undo::Backup { folder: folder.clone() }, effect).await?;
    keep_data(run, observed, data, &place).await?;
    Ok(Some(place))
}

async fn keep_data(
    run: &mut Run<'_>,
    observed: &Observed,
    data: Keeping<'_>,
    place: &Path,
) -> Result<(), Failure> {
    let sets: Vec<&DataSet> = data.model.data.values().collect();
    if sets.is_empty() {
        return Ok(());
    }
    if !data.wanted {
        let data = sets.iter().map(|set| set.name.clone()).collect();
        note(run.ctx, Note::NoData { data });
        return Ok(());
    }
    let now = |set: &&&DataSet| !data.later.contains(&set.name);
    let sets: Vec<&DataSet> = sets.iter().filter(now).copied().collect();
    let source = Source { model: data.model, live: &observed.live };
    save_data::save(run, &source, &sets, place).await
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

/// The name of a run's backup.
pub(crate) fn backup_folder(run: &str, is_of_some: bool) -> String {
    if is_of_some { format!("update_{run}") } else { run.to_owned() }
}

/// The services that write these sets, by what the stack is and by what it was; without those whose commands dump them.
pub(crate) fn all_writers<'a>(
    models: impl Iterator<Item = &'a Model> + Clone,
    sets: &[DataSet],
) -> BTreeSet<String> {
    let mut found: BTreeSet<String> =
        sets.iter().flat_map(|set| models.clone().flat_map(|model| writers(model, set))).collect();
    for set in sets {
        if let Way::Dump(dump) = &set.way {
            found.remove(&dump.service);
        }
    }
    found
}
