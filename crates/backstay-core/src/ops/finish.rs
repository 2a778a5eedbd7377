//! After the commit: forward only, and every part can be repeated.

use std::collections::BTreeSet;

use super::{data, vault_size};
use crate::context::Context;
use crate::engine::EngineErrorKind;
use crate::error::{Error, Result};
use crate::event::{Event, Note, Outcome};
use crate::layout::Layout;
use crate::plan::Undo;
use crate::release::{
    Catalog, Entry, EntryState, Retention, discard, is_pinned, read_release, select_copies,
    select_for_removal,
};
use crate::run::Run;
use crate::run_record;
use crate::steps::{self, storing};
use crate::vault::Vault;

/// Removes what the run kept for its undo, and makes the new release the recorded one.
/// `warm` says that old containers may stay up for a while.
pub(crate) async fn finish(run: &mut Run<'_>, warm: bool) -> Result<()> {
    let ctx = run.ctx;
    let undos: Vec<Undo> = run.state.steps.iter().map(|record| record.undo.clone()).collect();
    steps::let_go(ctx, &undos).await;
    // While the old containers are there: an image that one of them uses stays on the engine without a tag, too.
    storing::store(ctx, &run.layout, &storing::kept(run)?).await?;
    let up = if warm { steps::warm::keep(run).await? } else { steps::warm::none(run)? };
    for undo in &undos {
        steps::finish(run, undo, &up).await?;
    }
    storing::let_go_of_former(run).await?;
    record_release(run)?;
    remove_networks(run).await?;
    remove(ctx, &run.layout.work(&run.state.run))?;
    run.record(Event::Finished { outcome: Outcome::Deployed })
}

fn record_release(run: &Run<'_>) -> Result<()> {
    let next = run.layout.next(&run.state.run);
    if run_record::next(&run.layout, &run.state, &*run.ctx.store)?.is_none() {
        // A repetition: it is in place already.
        return Ok(());
    }
    let current = run.layout.current();
    discard(&run.layout, "current", &*run.ctx.store)?;
    run.ctx.store.rename(&next, &current).map_err(|error| Error::io("renaming", &next, error))
}

/// Removes the stack's networks that the new release does not have.
async fn remove_networks(run: &Run<'_>) -> Result<()> {
    let Some(current) = read_release(&run.layout.current(), &*run.ctx.store)? else {
        return Ok(());
    };
    // Those of another stack with this project's name stay.
    let all = run.ctx.engine.containers(&run.state.project).await?;
    for network in run.ctx.engine.networks(&run.state.project).await? {
        let is_used = all.iter().any(|container| container.networks.contains_key(&network));
        if is_used || current.release.networks.contains(&network) {
            continue;
        }
        match run.ctx.engine.remove_network(&network).await {
            Ok(()) => {}
            // Somebody else's container is on it; it is theirs now.
            Err(error) if error.kind == EngineErrorKind::Conflict => {
                let note = Note::CleanupFailed { message: error.to_string() };
                run.ctx.reporter.report(&Event::Note { note });
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn remove(ctx: &Context, path: &std::path::Path) -> Result<()> {
    ctx.store.remove_dir(path).map_err(|error| Error::io("removing", path, error))
}

/// How many journals of runs that are over are kept.
const JOURNALS: usize = 50;

/// Applies the retention rules. Whatever goes wrong here does not matter for the run.
pub(crate) async fn retain(
    ctx: &Context,
    layout: &Layout,
    retention: Option<Retention>,
) -> Result<Vec<String>> {
    let catalog = Catalog::read(layout, &*ctx.store)?;
    let mut removed = removable(ctx, layout, &catalog, retention);
    let (surplus, limit) = vault_size::surplus(ctx, layout, &catalog, &removed)?;
    removed.extend(surplus.iter().cloned());
    let_go(ctx, &catalog, &removed).await;
    for folder in &removed {
        discard(layout, folder, &*ctx.store)?;
        let release = folder.clone();
        let note = match surplus.contains(folder) {
            true => Note::PrunedForSize { release, limit },
            false => Note::Pruned { release },
        };
        ctx.reporter.report(&Event::Note { note });
    }
    let emptied: BTreeSet<String> = data::retain(ctx, layout)?.into_iter().collect();
    removed.extend(only_data(layout, &catalog, &emptied, &removed, ctx)?);
    let surplus = catalog.runs.len().saturating_sub(JOURNALS);
    for run in &catalog.runs[..surplus] {
        let path = layout.journal(run);
        ctx.store.remove_file(&path).map_err(|error| Error::io("removing", &path, error))?;
    }
    collect_images(ctx, layout)?;
    Ok(removed)
}

/// Removes backups that were there for their data alone, which is gone: the release of each runs, or has a newer backup.
fn only_data(
    layout: &Layout,
    catalog: &Catalog,
    emptied: &BTreeSet<String>,
    removed: &[String],
    ctx: &Context,
) -> Result<Vec<String>> {
    let mut seen: BTreeSet<&str> = catalog.current.iter().map(|c| c.release.id.as_str()).collect();
    let mut gone = Vec::new();
    for entry in catalog.entries.iter().filter(|entry| !removed.contains(&entry.folder)) {
        let Some(release) = entry.release() else { continue };
        let is_double = !seen.insert(&release.release.id);
        if is_double && emptied.contains(&entry.folder) && !entry.is_update() {
            discard(layout, &entry.folder, &*ctx.store)?;
            gone.push(entry.folder.clone());
        }
    }
    Ok(gone)
}

/// Gives up the tags of images that only these backups wait for.
pub(crate) async fn let_go(ctx: &Context, catalog: &Catalog, removed: &[String]) {
    let goes = |entry: &&Entry| removed.contains(&entry.folder);
    let entries = || catalog.entries.iter();
    let stays = entries().filter(|entry| !goes(entry)).filter_map(Entry::release);
    let kept = storing::images(stays.chain(&catalog.current).map(|folder| &folder.release));
    let gone = entries().filter(goes).filter_map(Entry::release).map(|folder| &folder.release);
    storing::let_go(ctx, &storing::images(gone), &kept).await;
}

/// The backups that the retention rules would remove.
pub(crate) fn removable(
    ctx: &Context,
    layout: &Layout,
    catalog: &Catalog,
    retention: Option<Retention>,
) -> Vec<String> {
    let retention = retention.or_else(|| said(ctx, catalog)).unwrap_or_default();
    let today = ctx.clock.now().date();
    let current = catalog.current.as_ref().map(|folder| folder.release.id.as_str());
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let (mut backups, mut copies) = (Vec::new(), Vec::new());
    for entry in &catalog.entries {
        let Some(release) = entry.release() else { continue };
        let id = release.release.id.as_str();
        let Some(age) = age(&entry.folder, today) else { continue };
        let is_double = current == Some(id) || !seen.insert(id);
        let of_data = is_double && data::has_any(ctx, &layout.backup(&entry.folder));
        let one = (entry.folder.clone(), id.to_owned(), age);
        if of_data { copies.push(one) } else { backups.push(one) }
    }
    let mut removed = select_for_removal(&backups, &catalog.protected(), retention);
    let goes = |release: &String| {
        let mut mine = backups.iter().filter(|(_, id, _)| id == release).peekable();
        mine.peek().is_some() && mine.all(|(folder, ..)| removed.contains(folder))
    };
    // With its last backup a release goes, and its data.
    let (with_it, stay): (Vec<_>, Vec<_>) =
        copies.into_iter().partition(|(_, id, _)| goes(id) && current != Some(id.as_str()));
    removed.extend(with_it.into_iter().map(|(folder, ..)| folder));
    removed.extend(select_copies(&stay, current, retention));
    removed.retain(|folder| !is_pinned(layout, folder, &*ctx.store));
    removed
}

/// How many days ago a backup was made, by its name.
fn age(folder: &str, today: jiff::civil::Date) -> Option<i64> {
    let stamp = folder.trim_start_matches("update_");
    let day = jiff::civil::Date::strptime("%Y%m%d", stamp.get(..8)?).ok()?;
    Some(today.since(day).map_or(0, |span| i64::from(span.get_days())))
}

/// What the stack itself says: the model of the release that runs. One that can't be read says nothing.
fn said(ctx: &Context, catalog: &Catalog) -> Option<Retention> {
    catalog.current.as_ref()?.parsed_model(&*ctx.store)?.retention
}

/// Removes images from the vault that no kept release has.
pub(crate) fn collect_images(ctx: &Context, layout: &Layout) -> Result<()> {
    let catalog = Catalog::read(layout, &*ctx.store)?;
    if catalog.entries.iter().any(|entry| matches!(entry.state, EntryState::Damaged(_))) {
        // Which images it needs is not known; it may be readable again, or by a newer program.
        return Ok(());
    }
    let kept = catalog.entries.iter().filter_map(|entry| entry.release()).chain(&catalog.current);
    let images: BTreeSet<String> =
        kept.flat_map(|folder| folder.release.images()).map(str::to_owned).collect();
    let vault = Vault::new(layout.vault(), ctx.store.clone());
    vault.collect_garbage(&images).map_err(|error| Error::io("cleaning", vault.root(), error))?;
    Ok(())
}
