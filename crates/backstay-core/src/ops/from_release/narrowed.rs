//! A rollback of some services only: those that an update was about.
//!
//! Its target is a release that never was: what runs now, with these services as the update's backup has them. They are
//! made from what the engine said of their containers then, so that their compose file is not needed and stays as it is.
//! Of the other files only those come back that these services use and no other does: a file that is shared belongs to
//! services which are not to change.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value;

use super::check::{Restoration, Scope, count_replicas};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::observed::Observed;
use crate::release::variable;
use crate::release::{Catalog, FileRecord, Origin, Release, ReleaseFolder, ServiceRecord};
use crate::stack::{Model, MountKind};
use crate::store::Store;

impl Restoration {
    /// The same target for these services only.
    pub(super) fn narrowed(
        mut self,
        ctx: &Context,
        services: BTreeSet<String>,
        catalog: &Catalog,
        observed: &Observed,
    ) -> Result<Self> {
        let store = &*ctx.store;
        let backup = self.folder.release.clone();
        let mut containers =
            of_services(&self.folder.containers(store)?, &|s| services.contains(s));
        let (base, rendered, mut copies) = match &observed.snapshot {
            Some(now) => {
                let others = of_services(&now.containers, &|s| !services.contains(s));
                containers.extend(
                    others
                        .iter()
                        .map(|record| borrowing_from(record, &now.release, &backup, &services)),
                );
                (now.release.clone(), now.model.clone(), now.files.clone())
            }
            // Nothing runs: these services come back alone.
            None => {
                let base = Release { services: BTreeMap::new(), ..backup.clone() };
                (base, self.rendered.clone(), self.copies.clone())
            }
        };
        let model = Model::parse(&rendered)?;
        let merged = merge(&model, &self.model, &services);
        merged.order()?;
        let files = self.files_of(&services, &model, store)?;
        for (record, content) in &mut copies {
            if let Some(old) = self.copies.iter().find(|(old, _)| old.path == record.path)
                && files.iter().any(|file| file.path == record.path)
            {
                (*record, *content) = old.clone();
            }
        }
        let records = base.services.iter().filter(|(name, _)| !services.contains(*name));
        let old = backup.services.iter().filter(|(name, _)| services.contains(*name));
        let records: BTreeMap<String, ServiceRecord> =
            records.chain(old).map(|(name, record)| (name.clone(), record.clone())).collect();
        let value = |name: &str| variable(&base.stack, name, store);
        let mut differs = BTreeSet::new();
        for (name, record) in &records {
            let service = model.services.get(name);
            let wanted = service.map(|s| model.fingerprint(s, store, &value)).transpose()?;
            if wanted.as_ref() != Some(&record.fingerprint) {
                differs.insert(name.clone());
            }
        }
        let sequence = catalog.next_sequence().max(base.sequence + 1);
        let mut release = Release {
            id: Catalog::id_of(sequence),
            sequence,
            // Going back once more leads further back, and not forward again.
            parent: Some(backup.parent.unwrap_or(backup.sequence.saturating_sub(1))),
            created: ctx.timestamp(),
            origin: Origin::Update,
            differs: differs.into_iter().collect(),
            services: records,
            files: copies.iter().map(|(record, _)| record.clone()).collect(),
            networks: merged.own_networks().map(str::to_owned).collect(),
            ..base.clone()
        };
        // Where nothing else has changed since, it is the backup's release, or the one that runs.
        if let Some(same) = [&backup, &base].into_iter().find(|other| is_same(&release, other)) {
            release = Release { files: release.files, networks: release.networks, ..same.clone() };
        }
        self.stack = base.stack;
        self.rendered = serde_json::to_string_pretty(&merged.raw)
            .map_err(|error| Error::Model(error.to_string()))?;
        self.model = merged;
        self.copies = copies;
        count_replicas(&mut self.model, &release);
        let path = self.folder.path.clone();
        let files = ReleaseFolder { path, release: Release { files, ..backup } };
        self.folder.release = release;
        self.scope = Some(Scope { services, files, containers });
        Ok(self)
    }

    /// The files of the backup that these services use and no other service does.
    fn files_of(
        &self,
        services: &BTreeSet<String>,
        now: &Model,
        store: &dyn Store,
    ) -> Result<Vec<FileRecord>> {
        let used = |model: &Model, wanted: bool| -> Result<(BTreeSet<PathBuf>, Vec<PathBuf>)> {
            let (mut files, mut folders) = (BTreeSet::new(), Vec::new());
            for service in model.services.values().filter(|s| services.contains(&s.name) == wanted)
            {
                files.extend(model.config_files(service, store)?);
                // What was in a folder need not be there any more.
                let binds = service.mounts.iter().filter(|mount| mount.kind == MountKind::Bind);
                let binds = binds.filter(|mount| mount.read_only || !wanted);
                folders.extend(binds.map(|mount| PathBuf::from(&mount.source)));
            }
            Ok((files, folders))
        };
        let (own, others) = (used(&self.model, true)?, used(now, false)?);
        let is_of = |place: &PathBuf, (files, folders): &(BTreeSet<PathBuf>, Vec<PathBuf>)| {
            files.contains(place) || folders.iter().any(|folder| place.starts_with(folder))
        };
        let is_needed = |record: &&FileRecord| {
            let place = self.stack.directory.join(&record.path);
            is_of(&place, &own) && !is_of(&place, &others)
        };
        Ok(self.folder.release.files.iter().filter(is_needed).cloned().collect())
    }
}

/// The model that runs now, with these services as they were.
fn merge(now: &Model, then: &Model, services: &BTreeSet<String>) -> Model {
    let mut model = now.clone();
    for name in services {
        let service = then.services.get(name);
        match service {
            Some(service) => drop(model.services.insert(name.clone(), service.clone())),
            None => drop(model.services.remove(name)),
        }
        put(
            &mut model.raw,
            "services",
            name,
            then.raw.pointer(&format!("/services/{name}")).filter(|_| service.is_some()),
        );
    }
    // What they need beside themselves.
    for (name, network) in &then.networks {
        model.networks.entry(name.clone()).or_insert_with(|| network.clone());
    }
    for (name, config) in &then.configs {
        model.configs.entry(name.clone()).or_insert_with(|| config.clone());
    }
    for (name, secret) in &then.secrets {
        model.secrets.entry(name.clone()).or_insert_with(|| secret.clone());
    }
    for (name, volume) in &then.volumes {
        model.volumes.entry(name.clone()).or_insert_with(|| volume.clone());
    }
    for part in ["networks", "configs", "secrets", "volumes"] {
        let more = then.raw.get(part).and_then(Value::as_object).into_iter().flatten();
        for (name, value) in more {
            if model.raw.get(part).and_then(|part| part.get(name)).is_none() {
                put(&mut model.raw, part, name, Some(value));
            }
        }
    }
    model
}

fn put(raw: &mut Value, part: &str, name: &str, value: Option<&Value>) {
    let Some(raw) = raw.as_object_mut() else { return };
    let entries = raw.entry(part).or_insert_with(|| Value::Object(serde_json::Map::new()));
    let Some(entries) = entries.as_object_mut() else { return };
    match value {
        Some(value) => drop(entries.insert(name.to_owned(), value.clone())),
        None => drop(entries.remove(name)),
    }
}

/// The records of containers whose service is one of those.
fn of_services(containers: &[Value], wanted: &dyn Fn(&str) -> bool) -> Vec<Value> {
    let service = |container: &Value| {
        let labels = container.pointer("/Config/Labels")?;
        labels.get("com.docker.compose.service")?.as_str().map(wanted)
    };
    containers.iter().filter(|container| service(container) == Some(true)).cloned().collect()
}

/// The record of a container that may live in the namespaces of one of these services: it names that one's container as
/// the backup does, for that is the record which the new one is made from.
fn borrowing_from(
    record: &Value,
    now: &Release,
    backup: &Release,
    services: &BTreeSet<String>,
) -> Value {
    let mut text = record.to_string();
    for name in services {
        let (Some(new), Some(old)) = (now.services.get(name), backup.services.get(name)) else {
            continue;
        };
        for (new, old) in new.containers.iter().zip(&old.containers) {
            text = text.replace(new, old);
        }
    }
    serde_json::from_str(&text).unwrap_or_else(|_| record.clone())
}

/// Whether two releases have the same services, flags and files.
fn is_same(release: &Release, other: &Release) -> bool {
    let digests = |release: &Release| -> Vec<(String, Option<String>)> {
        release.files.iter().map(|file| (file.path.clone(), file.digest.clone())).collect()
    };
    let aligned =
        Release { files: other.files.clone(), networks: other.networks.clone(), ..release.clone() };
    aligned.is_same_as(other) && digests(release) == digests(other)
}
