//! `status`: what runs, which release it is, and how it differs from what was recorded.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::contents::{alike, is_of};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::event::Unwell;
use crate::layout::Layout;
use crate::ports::{Clock, Container, Engine, Health, Status};
use crate::release::{Catalog, Release};
use crate::run_record;
use crate::running::is_live;
use crate::stack::{Model, StackRef, folder_digest, is_movable};
use crate::steps::verify::all_unwell;

/// What runs.
#[derive(Debug, Serialize)]
pub struct StatusReport {
    /// The project.
    pub project: String,
    /// The release that is recorded as running.
    pub release: Option<ReleaseStatus>,
    /// The containers.
    pub containers: Vec<ContainerStatus>,
    /// How what runs differs from the release.
    pub drift: Vec<Drift>,
    /// Runs that were interrupted and wait for a recovery.
    pub interrupted: Vec<String>,
    /// What is wrong with what is on record.
    #[serde(skip)]
    pub damage: Vec<Error>,
}

/// A recorded release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseStatus {
    /// Its id.
    pub id: String,
    /// When it was made, RFC 3339, in UTC.
    pub created: String,
}

/// A container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerStatus {
    /// Its service.
    pub service: String,
    /// Its name.
    pub name: String,
    /// The id of its image.
    pub image: String,
    /// Its status.
    pub status: Status,
    /// Its health.
    pub health: Option<Health>,
    /// How often it was restarted.
    pub restarts: u32,
}

/// A difference from the release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Drift {
    /// Nothing is recorded: the stack was not deployed by Backstay.
    NotRecorded,
    /// A service of the release has fewer containers than it should.
    Missing {
        /// The service.
        service: String,
    },
    /// A service that is not part of the release runs.
    Extra {
        /// The service.
        service: String,
    },
    /// A container runs another image.
    Image {
        /// The container.
        container: String,
    },
    /// A container was made from another definition.
    Definition {
        /// The container.
        container: String,
    },
    /// A container falls over again and again, or is unhealthy.
    Unwell(Unwell),
    /// A container is stopped.
    Stopped {
        /// The container.
        container: String,
    },
    /// An image reference points elsewhere.
    Tag {
        /// The reference.
        reference: String,
    },
    /// A file on disk is not the release's: a deploy would use the new one.
    File {
        /// The path.
        path: String,
    },
}

/// Looks at the stack; changes nothing.
///
/// # Errors
/// When the engine or the records can't be read.
pub async fn read<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    stack: &StackRef,
) -> Result<StatusReport> {
    ctx.engine.info().await?;
    let layout = Layout::new(&stack.directory);
    let (catalog, flaw) = Catalog::look(&layout, &*ctx.store)?;
    let mut damage: Vec<Error> = flaw.into_iter().collect();
    let project = match &catalog.current {
        Some(folder) => folder.release.project.clone(),
        None => Model::parse(&ctx.engine.model(stack).await?)?.project,
    };
    let all = ctx.engine.containers(&project).await?;
    let live: Vec<Container> = all.into_iter().filter(is_live).collect();
    let mut drift = match &catalog.current {
        Some(folder) => {
            let alike = alike(ctx, &folder.release.services, &live).await?;
            let mut drift = container_drift(&folder.release, &live, &alike);
            drift.extend(tag_drift(ctx, &folder.release).await?);
            drift.extend(file_drift(ctx, stack, &folder.release));
            drift
        }
        // The record is there, and can't be read.
        None if live.is_empty() || !damage.is_empty() => Vec::new(),
        None => vec![Drift::NotRecorded],
    };
    drift.extend(all_unwell(ctx, live.iter()).await.into_iter().map(Drift::Unwell));
    let (interrupted, flaws) = run_record::open_runs(&layout, &*ctx.store)?;
    damage.extend(flaws);
    Ok(StatusReport {
        project,
        release: catalog
            .current
            .map(|folder| ReleaseStatus { id: folder.release.id, created: folder.release.created }),
        containers: live.into_iter().map(status).collect(),
        drift,
        interrupted,
        damage,
    })
}

fn status(container: Container) -> ContainerStatus {
    ContainerStatus {
        service: container.service,
        name: container.name,
        image: container.image,
        status: container.state.status,
        health: container.state.health,
        restarts: container.state.restarts,
    }
}

fn container_drift(release: &Release, live: &[Container], alike: &BTreeSet<String>) -> Vec<Drift> {
    let mut drift = Vec::new();
    for (name, service) in &release.services {
        if live.iter().filter(|container| &container.service == name).count()
            < service.containers.len()
        {
            drift.push(Drift::Missing { service: name.clone() });
        }
    }
    for container in live {
        let Some(service) = release.services.get(&container.service) else {
            drift.push(Drift::Extra { service: container.service.clone() });
            continue;
        };
        let name = container.name.clone();
        if container.image != service.image && !alike.contains(&container.id) {
            drift.push(Drift::Image { container: name });
        } else if container.compose_hash != service.compose_hash {
            drift.push(Drift::Definition { container: name });
        } else if matches!(container.state.status, Status::Exited | Status::Dead | Status::Created)
            && container.state.exit_code != 0
        {
            drift.push(Drift::Stopped { container: name });
        }
    }
    drift
}

async fn tag_drift<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    release: &Release,
) -> Result<Vec<Drift>> {
    let mut drift = Vec::new();
    for service in release.services.values() {
        let is_known = ctx.engine.image(&service.reference).await?.is_some();
        // The engine need not know under which digest an image was pulled that came back from the vault.
        if !is_known && !is_movable(&service.reference) {
            continue;
        }
        if !is_of(ctx, service, &service.reference).await? {
            drift.push(Drift::Tag { reference: service.reference.clone() });
        }
    }
    Ok(drift)
}

fn file_drift<E: Engine, C: Clock>(
    ctx: &Context<'_, E, C>,
    stack: &StackRef,
    release: &Release,
) -> Vec<Drift> {
    let differs = |file: &&crate::release::FileRecord| {
        let place = stack.directory.join(&file.path);
        if file.folder.is_some() {
            // Its files are told one by one; what was put into it since is not among them.
            let now = folder_digest(&place, &*ctx.store).ok().flatten();
            return !file.is_data() && now != file.digest;
        }
        let now = ctx.store.read(&place).ok().map(|bytes| crate::digest::digest(&bytes));
        now != file.digest
    };
    release
        .files
        .iter()
        .filter(differs)
        .map(|file| Drift::File { path: file.path.clone() })
        .collect()
}
