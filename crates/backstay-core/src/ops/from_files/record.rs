//! What a run from files records: what ran before, and what runs now.

use std::collections::BTreeMap;

use super::Deploy;
use crate::context::Context;
use crate::engine::Container;
use crate::error::Result;
use crate::event::{Failure, Note};
use crate::observed::Observed;
use crate::ops::conduct::note;
use crate::ops::environment::Placing;
use crate::ops::recorded::{Keeping, save, services};
use crate::release::with_environment;
use crate::release::{Catalog, FileRecord, Origin, Release};
use crate::run::Run;
use crate::steps::Transaction;

impl Deploy<'_> {
    pub(super) async fn backup(
        &self,
        run: &mut Run<'_>,
        catalog: &Catalog,
        observed: &Observed,
        placed: Option<&Placing>,
    ) -> Result<(), Failure> {
        let ctx = run.ctx;
        if observed.adopted
            && let Some(snapshot) = &observed.snapshot
        {
            let mut places = observed.live.iter().filter_map(|found| found.kept_at.clone());
            note(
                ctx,
                match places.next().filter(|_| observed.superseded.is_none()) {
                    Some(place) => Note::RecordElsewhere { place },
                    None => Note::Adopted,
                },
            );
            for service in &snapshot.release.differs {
                note(ctx, Note::AdoptedDiffers { service: service.clone() });
            }
        }
        for orphan in &observed.orphans {
            let (container, directory) = (orphan.name.clone(), orphan.directory.clone());
            note(ctx, Note::Orphan { container, directory });
        }
        if observed.snapshot.is_none() {
            note(ctx, Note::FirstDeployment);
            return Ok(());
        }
        if !self.options.backup {
            note(ctx, Note::NoBackup);
            return Ok(());
        }
        // They may never have been part of a release.
        let changes = placed.map(|placed| placed.changes.as_slice()).unwrap_or_default();
        let services = self.options.services.as_ref();
        let later = self.guarded(observed).into_iter().map(|set| set.name).collect();
        let data = Keeping { model: self.model, wanted: self.options.data, later };
        save(run, catalog, observed, services, changes, data).await.map(drop)
    }

    pub(super) fn release(
        &self,
        ctx: &Context,
        catalog: &Catalog,
        observed: &Observed,
        live: &[Container],
        transaction: &Transaction<'_>,
    ) -> Result<Release> {
        let services = services(self.model, live, transaction);
        let sequence = next_sequence(catalog, observed);
        // An update leaves services alone whose definition may have changed in the files meanwhile.
        let differs = services
            .iter()
            .filter(|(name, service)| {
                transaction.desired.fingerprints.get(*name) != Some(&service.fingerprint)
            })
            .map(|(name, _)| name.clone())
            .collect();
        Ok(Release {
            version: crate::release::VERSION,
            id: Catalog::id_of(sequence),
            sequence,
            parent: observed.snapshot.as_ref().map(|before| before.release.sequence),
            created: ctx.timestamp(),
            origin: if self.options.services.is_some() { Origin::Update } else { Origin::Deploy },
            project: self.model.project.clone(),
            engine: Some(observed.engine.clone()),
            stack: with_environment(self.stack, self.model, &*ctx.store)?,
            services,
            files: Vec::new(),
            networks: self.model.own_networks().map(str::to_owned).collect(),
            differs,
            parts: BTreeMap::new(),
        })
    }
}

/// The place of the release to come in the history.
pub(super) fn next_sequence(catalog: &Catalog, observed: &Observed) -> u64 {
    // What was adopted by this very run has its place there, too.
    let adopted = observed.snapshot.as_ref().map_or(0, |before| before.release.sequence + 1);
    catalog.next_sequence().max(adopted)
}

/// Whether nothing is otherwise than in the release that ran: then it is the same one.
pub(super) fn is_unchanged(
    release: &mut Release,
    observed: &Observed,
    files: &[(FileRecord, Option<Vec<u8>>)],
) -> bool {
    let Some(before) = observed.snapshot.as_ref() else { return false };
    let now = Release { files: before.release.files.clone(), ..release.clone() };
    // Data changes by itself.
    let settings = |files: &'_ [(FileRecord, Option<Vec<u8>>)]| -> Vec<_> {
        let settings = files.iter().filter(|(file, _)| !file.is_data());
        settings.map(|(file, _)| (file.path.clone(), file.digest.clone())).collect()
    };
    let same_files = settings(&before.files) == settings(files);
    if !(now.is_same_as(&before.release) && same_files && before.release.differs.is_empty()) {
        return false;
    }
    release.id.clone_from(&before.release.id);
    release.created.clone_from(&before.release.created);
    release.sequence = before.release.sequence;
    release.parent = before.release.parent;
    release.origin = before.release.origin;
    true
}
