//! What must not be left behind, whichever release runs.

use std::collections::BTreeSet;
use std::sync::Arc;

use backstay_core::naming::keep_tag;
use backstay_core::ports::Clock;
use backstay_core::release::Catalog;
use backstay_core::run_state::RunState;
use backstay_core::stack::StackRef;
use backstay_core::vault::Vault;
use backstay_core::warm::Warm;

use super::picture::Picture;
use super::scenario::Scenario;
use crate::fake::{Machine, NodeKind, World, kept};

/// Everything that a run should have cleared away, one line each. `before` is the stack before the run, `now` the stack as
/// it is.
pub(super) fn leftovers(
    machine: &Machine,
    stack: &StackRef,
    project: &str,
    before: &Picture,
    now: &Picture,
) -> Vec<String> {
    let mut found = Vec::new();
    let (process, layout) = (machine.process(), kept(stack));
    let warm = Warm::read(&layout, &process.store());
    let time = process.clock().now().timestamp();
    // It is on record until when.
    let is_kept = |id: &str| warm.as_ref().is_some_and(|warm| warm.keeps(id, time));
    machine.with(|world| {
        for container in world.engine.containers.values() {
            let marked = [".new-", ".old-", ".rehearsal-", ".warm-"]
                .iter()
                .any(|m| container.name.contains(m));
            let marked = marked && !is_kept(&container.id);
            if container.project.as_deref() == Some(project) && (marked || container.rehearsal) {
                found.push(format!("container {} is left over", container.name));
            }
        }
        found.extend(files(world, stack));
        found.extend(world.engine.held());
    });
    for (folder, release) in now.backups.iter().filter(|(_, what)| what.starts_with("damaged")) {
        found.push(format!("backup {folder} is {release}"));
    }
    for volume in before.volumes.difference(&now.volumes) {
        found.push(format!("volume {volume} is gone"));
    }
    for volume in before.anonymous.difference(&now.anonymous) {
        found.push(format!("anonymous volume {} is gone", &volume[..12]));
    }
    found
}

/// What is wrong with the journals of runs.
pub(super) fn unfinished(runs: &[(String, Result<RunState, String>)]) -> Vec<String> {
    let found = runs.iter().filter_map(|(run, state)| match state {
        Err(problem) => Some(format!("the journal of {run} can't be read: {problem}")),
        Ok(state) if state.is_open() => {
            Some(format!("the journal of {run} is open: {:?}", state.stage))
        }
        Ok(_) => None,
    });
    found.collect()
}

fn files(world: &World, stack: &StackRef) -> Vec<String> {
    let layout = kept(stack);
    let journals = layout.journals();
    let mut found = Vec::new();
    for (path, node) in &world.disk.nodes {
        let inside = path.strip_prefix(&stack.directory).ok();
        let Some(place) = inside.or_else(|| path.strip_prefix(layout.root()).ok()) else {
            continue;
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(".tmp") && !path.starts_with(layout.vault()) {
            found.push(format!("temporary file {} is left over", place.display()));
        }
        let in_journals = path.parent() == Some(&journals) && *path != layout.warm();
        if in_journals && !name.ends_with(".jsonl") && !name.ends_with(".tmp") {
            found.push(format!("{} is left over", place.display()));
        }
        let private = if node.kind == NodeKind::Directory { 0o700 } else { 0o600 };
        if path.starts_with(layout.root()) && node.mode != private {
            found.push(format!("{} has mode {:o}", place.display(), node.mode));
        }
    }
    found
}

impl Scenario {
    /// Images that a kept release needs and that are not whole in the vault, and do not wait on the engine to be stored.
    pub(super) fn unusable(&self, machine: &Machine) -> Vec<String> {
        let layout = kept(&self.stack);
        let store = Arc::new(machine.process().store());
        let Ok(catalog) = Catalog::read(&layout, &*store) else {
            return vec!["the backups can't be read".to_owned()];
        };
        let vault = Vault::new(layout.vault(), store);
        let waits = |image: &str| {
            let tag = keep_tag(&self.project, image);
            machine.with(|world| world.engine.image_id(&tag).as_deref() == Some(image))
        };
        let releases = catalog.entries.iter().filter_map(|entry| entry.release());
        let images: BTreeSet<&str> =
            releases.flat_map(|folder| folder.release.stored_images()).collect();
        let broken =
            images.into_iter().filter(|image| vault.check(image).is_err() && !waits(image));
        broken.map(|image| format!("image {image} is not whole in the vault")).collect()
    }
}

/// What the vault holds beside images, which the next run that ends well has to clear away.
pub(super) fn clutter(machine: &Machine, stack: &StackRef) -> Vec<String> {
    let vault = kept(stack).vault();
    machine.with(|world| {
        let inside = world.disk.nodes.keys().filter(|path| path.starts_with(&vault));
        let names = inside.map(|path| path.display().to_string());
        let clutter = names.filter(|name| name.ends_with(".tmp"));
        clutter.map(|name| format!("temporary file {name} is left over")).collect()
    })
}
