//! Images on their way to the vault. Storing takes a while, so that it waits until the new release serves; until then, and as
//! long as it fails, a tag of ours keeps an image on the engine: no build takes its last reference away, and it is known by it.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;

use futures_util::future::{Either, select};

use super::images::apply_tags;
use crate::context::Context;
use crate::engine::{EngineErrorKind, EngineResult};
use crate::error::{Error, Result};
use crate::event::{Event, Failure, Note};
use crate::layout::Layout;
use crate::naming::keep_tag;
use crate::plan::Step;
use crate::plan::Undo;
use crate::release::{Catalog, Release, read_release};
use crate::run::Run;
use crate::run_record;
use crate::store::Store;
use crate::vault::Vault;

/// Images of a project, as pairs of both.
pub(crate) type Kept = BTreeSet<(String, String)>;

/// Tags the images among these that the vault lacks.
pub(crate) async fn protect(run: &mut Run<'_>, images: BTreeSet<&str>) -> Result<(), Failure> {
    let ctx = run.ctx;
    let vault = Vault::new(run.layout.vault(), ctx.store.clone());
    let (mut moves, mut before) = (BTreeMap::new(), BTreeMap::new());
    for image in images {
        let there = vault.has(image);
        if there.map_err(|error| Error::io("reading", vault.root(), error))? {
            continue;
        }
        let tag = keep_tag(&run.state.project, image);
        if ctx.engine.image(&tag).await?.as_deref() == Some(image) {
            // An earlier run could not store it. Its tag is not this run's to take back.
            continue;
        }
        if ctx.engine.image(image).await?.is_none() {
            // A container can outlive its image; then there is nothing left to save, and a restore will say so.
            let reason = "the engine does not have it any more".to_owned();
            let note = Note::ImageNotSaved { image: image.to_owned(), reason };
            ctx.reporter.report(&Event::Note { note });
            continue;
        }
        before.insert(tag.clone(), None);
        moves.insert(tag, image.to_owned());
    }
    if moves.is_empty() {
        return Ok(());
    }
    let step = Step::Protect { images: moves.values().cloned().collect() };
    run.step(step, Undo::Tags { before }, apply_tags(ctx, &moves)).await
}

/// The images of all releases that are kept, and of the one that this run has made.
pub(crate) fn kept(run: &Run<'_>) -> Result<Kept> {
    let store = &*run.ctx.store;
    let mut kept = kept_at_rest(&run.layout, store)?;
    let next = run_record::next(&run.layout, &run.state, store)?;
    kept.extend(images(next.iter().map(|folder| &folder.release)));
    Ok(kept)
}

/// The images of all releases that are kept and can be read.
pub(crate) fn kept_at_rest(layout: &Layout, store: &dyn Store) -> Result<Kept> {
    let entries = Catalog::entries(layout, store)?;
    // What can't be read is told where it is needed.
    let current = read_release(&layout.current(), store).ok().flatten();
    let kept = entries.iter().filter_map(|entry| entry.release()).chain(&current);
    Ok(images(kept.map(|folder| &folder.release)))
}

/// The images of these releases.
pub(crate) fn images<'a>(releases: impl Iterator<Item = &'a Release>) -> Kept {
    let pair = |release: &'a Release| {
        release.images().map(|image| (release.project.clone(), image.to_owned()))
    };
    releases.flat_map(pair).collect()
}

/// Stores what has such a tag, and takes the tag away. What can't be stored keeps it, and is stored later.
///
/// # Errors
/// When the engine does not answer.
pub(crate) async fn store(ctx: &Context, layout: &Layout, kept: &Kept) -> Result<()> {
    let vault = Vault::new(layout.vault(), ctx.store.clone());
    let mut waiting = Vec::new();
    for (project, image) in kept {
        let tag = keep_tag(project, image);
        if ctx.engine.image(&tag).await?.as_deref() != Some(image) {
            continue;
        }
        if vault.has(image).unwrap_or(false) {
            ctx.engine.untag(&tag).await?;
        } else {
            waiting.push((image, tag));
        }
    }
    if waiting.is_empty() {
        return Ok(());
    }
    ctx.reporter.report(&Event::Note { note: Note::Storing { images: waiting.len() } });
    for (image, tag) in waiting {
        let note = match save(ctx, image, &vault).await? {
            Ok(()) => None,
            // An engine may have lost a part of it that it does not need to run it.
            Err((true, reason)) => Some(Note::ImageNotSaved { image: image.clone(), reason }),
            Err((false, reason)) => {
                let note = Note::ImageWaits { image: image.clone(), reason };
                ctx.reporter.report(&Event::Note { note });
                continue;
            }
        };
        note.into_iter().for_each(|note| ctx.reporter.report(&Event::Note { note }));
        ctx.engine.untag(&tag).await?;
    }
    Ok(())
}

/// Stores one image, unless somebody wants the program to end. Says whether it can never be stored, and why.
///
/// # Errors
/// That the engine is gone.
async fn save(
    ctx: &Context,
    image: &str,
    vault: &Vault,
) -> Result<std::result::Result<(), (bool, String)>> {
    let cancel = ctx.cancel.clone();
    let interrupted = || Ok(Err((false, "interrupted".to_owned())));
    if cancel.is_set() {
        return interrupted();
    }
    match select(pin!(ctx.engine.save_image(image, vault)), pin!(cancel.wait())).await {
        Either::Left((Err(error), _)) if error.kind == EngineErrorKind::NotRunning => {
            Err(error.into())
        }
        Either::Left((result, _)) => {
            Ok(result.map_err(|error| (error.is_not_found(), error.message)))
        }
        Either::Right(_) => interrupted(),
    }
}

/// Gives up the tags of images that only the release before this one has, where no backup of it was made. Before its record goes:
/// nobody would know them any more.
pub(crate) async fn let_go_of_former(run: &Run<'_>) -> Result<()> {
    let store = &*run.ctx.store;
    let Some(next) = run_record::next(&run.layout, &run.state, store)? else { return Ok(()) };
    let former = read_release(&run.layout.current(), store).ok().flatten();
    let entries = Catalog::entries(&run.layout, store)?;
    let kept = entries.iter().filter_map(|entry| entry.release()).chain([&next]);
    let kept = images(kept.map(|folder| &folder.release));
    let former = images(former.iter().map(|folder| &folder.release));
    let_go(run.ctx, &former, &kept).await;
    Ok(())
}

/// Whether an image waits to be stored: the engine has it under its tag.
pub(crate) async fn waits(ctx: &Context, project: &str, image: &str) -> EngineResult<bool> {
    let found = ctx.engine.image(&keep_tag(project, image)).await?;
    Ok(found.as_deref() == Some(image))
}

/// Gives up the tags of images that none of the `kept` ones is. Removing backups needs no engine, so that
/// one that does not answer does not matter.
pub(crate) async fn let_go(ctx: &Context, removed: &Kept, kept: &Kept) {
    for (project, image) in removed.difference(kept) {
        match waits(ctx, project, image).await {
            Ok(true) => drop(ctx.engine.untag(&keep_tag(project, image)).await),
            Ok(false) => {}
            Err(_) => return,
        }
    }
}
