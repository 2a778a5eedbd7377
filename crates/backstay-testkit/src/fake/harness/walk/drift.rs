//! What people do to a stack by hand.

use std::collections::BTreeSet;
use std::path::PathBuf;

use backstay_core::engine::Status;
use backstay_core::stack::StackRef;

use super::dice::Dice;
use super::rich::{Sort, is_gateway};
use super::stock::SERVICES;
use crate::fake::{FakeContainer, NodeKind, World, kept};

/// Something that is done by hand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Drift {
    Stop(&'static str),
    Remove(&'static str),
    Up,
    Down,
    MoveTag,
    EditEnv(usize),
    DeleteBackup(usize),
    DamageBackup(usize, usize),
    PruneImages,
    RestartEngine,
    /// The engine is killed, and starts nothing again.
    KillEngine,
    StopGateway,
    RemoveGateway,
    /// Somebody writes a row, through a container that runs.
    Write(u64),
    DamageData(usize),
}

impl Drift {
    pub(super) fn any(sort: Sort, dice: &mut Dice) -> Self {
        match dice.below(18) {
            0..=2 if sort.data => return Self::Write(dice.next() % 1000),
            3 if sort.data => return Self::DamageData(dice.below(3)),
            4 if sort.gateway => return Self::StopGateway,
            5 if sort.gateway => return Self::RemoveGateway,
            6 if sort.gateway => return Self::KillEngine,
            _ => {}
        }
        match dice.below(12) {
            0..=1 => Self::Stop(dice.pick(&SERVICES)),
            2..=3 => Self::Remove(dice.pick(&SERVICES)),
            4 => Self::Up,
            5 => Self::Down,
            6 => Self::MoveTag,
            7 => Self::EditEnv(dice.below(3)),
            8 => Self::DeleteBackup(dice.below(3)),
            9 => Self::DamageBackup(dice.below(3), dice.below(3)),
            10 => Self::PruneImages,
            _ => Self::RestartEngine,
        }
    }

    /// Does it. Returns the name of a backup that is not what it was.
    pub(super) fn happen(self, world: &mut World, stack: &StackRef) -> Option<String> {
        let project = "shop";
        match self {
            Self::Stop(service) => {
                for id in world.of_service(project, service) {
                    world.engine.stop(&id);
                }
            }
            Self::Remove(service) => {
                if let Some(id) = world.of_service(project, service).first() {
                    world.engine.remove(id, false);
                }
            }
            // Where it can't be done, a part of it is done.
            Self::Up => drop(world.compose_up(stack)),
            Self::Down => world.compose_down(project),
            Self::MoveTag => {
                if let Some(image) = world.engine.image_id("redis:7") {
                    let _ = world.engine.tag(&image, "shop-a");
                }
            }
            Self::EditEnv(number) => {
                let now = world.now;
                let text = format!("GREETING=by hand {number}\n");
                let path = stack.directory.join(".env");
                let _ = world.disk.put(&path, text.as_bytes(), 0o644, now);
            }
            Self::DeleteBackup(number) => {
                let (path, name) = backup(world, stack, number)?;
                let _ = world.disk.remove_dir(&path, false);
                return Some(name);
            }
            Self::DamageBackup(number, how) => {
                let (path, name) = backup(world, stack, number)?;
                let now = world.now;
                let manifest = path.join("release.json");
                let _ = match how {
                    0 => world.disk.truncate(&manifest, 20, now),
                    1 => world.disk.remove_file(&path.join("containers.json")),
                    _ => world.disk.put(
                        &path.join("docker-compose.yml"),
                        b"services: {}\n",
                        0o600,
                        now,
                    ),
                };
                return Some(name);
            }
            Self::PruneImages => world.engine.prune_images(),
            Self::RestartEngine => world.restart_engine(),
            Self::KillEngine => drop(world.kill_engine()),
            Self::StopGateway | Self::RemoveGateway => {
                let all = world.engine.containers.values();
                let mine = all.filter(|container| is_gateway(world, container));
                let ids: Vec<String> = mine.map(|container| container.id.clone()).collect();
                for id in ids {
                    match self {
                        Self::StopGateway => world.engine.stop(&id),
                        _ => world.engine.remove(&id, true),
                    }
                }
            }
            Self::Write(number) => {
                let runs = |c: &&FakeContainer| c.life.status == Status::Running;
                let mounts = world.engine.containers.values().filter(runs).flat_map(|container| {
                    container.spec.mounts.iter().filter(|mount| mount.volume).map(|m| &m.source)
                });
                let volumes: BTreeSet<String> = mounts.cloned().collect();
                let row = format!(", row {number}.");
                for (name, volume) in &mut world.engine.volumes {
                    if volumes.contains(name) && volume.project.is_some() {
                        volume.data.push_str(&row);
                    }
                }
            }
            Self::DamageData(number) => {
                let (path, name) = backup(world, stack, number)?;
                let now = world.now;
                let is_data = |file: &&PathBuf| {
                    file.parent() == Some(&path) && file.to_string_lossy().contains("_backup.")
                };
                let file = world.disk.nodes.keys().find(is_data)?.clone();
                let _ = world.disk.truncate(&file, 5, now);
                return Some(name);
            }
        }
        None
    }
}

/// A backup's folder and its name.
fn backup(world: &World, stack: &StackRef, number: usize) -> Option<(PathBuf, String)> {
    let root = kept(stack).backups();
    let folders =
        world.disk.nodes.iter().filter(|(path, node)| {
            node.kind == NodeKind::Directory && path.parent() == Some(&root)
        });
    let backups = folders.filter_map(|(path, _)| {
        let name = path.file_name()?.to_str()?;
        let is_backup =
            name.trim_start_matches("update_").starts_with(|c: char| c.is_ascii_digit());
        is_backup.then(|| (path.clone(), name.to_owned()))
    });
    backups.collect::<Vec<_>>().into_iter().rev().nth(number)
}
