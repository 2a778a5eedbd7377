//! `status`: what runs, which release it is, and how it differs from what was recorded.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::renamed::former_name;
use super::{strays, warm};
use crate::contents::{alike, is_of};
use crate::context::Context;
use crate::engine::{Container, Health, Status};
use crate::error::{Error, Result};
use crate::event::Unwell;
use crate::observed::{is_live, is_ours};
use crate::plan::{live_gateway, wish};
use crate::release::{Catalog, Release, ReleaseFolder};
use crate::run_record;
use crate::stack::{HELD, HeldPort, Model, StackRef, folder_digest, is_movable};
use crate::state::find;
use crate::steps::verify::all_unwell;
use crate::warm::Warm;

/// What runs.
#[derive(Debug, Serialize)]
pub struct StatusReport {
    /// The project.
    pub project: String,
    /// The engine's id.
    pub engine: String,
    /// Where what is known of the stack is kept.
    pub state: PathBuf,
    /// The project that the stack of this folder has run as so far, where that is another one.
    pub ran_as: Option<String>,
    /// The release that is recorded as running.
    pub release: Option<ReleaseStatus>,
    /// The containers.
    pub containers: Vec<ContainerStatus>,
    /// How what runs differs from the release.
    pub drift: Vec<Drift>,
    /// Old containers that stay up for a while after the last commit; `None` where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm: Option<WarmStatus>,
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

/// Old containers that are still up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarmStatus {
    /// The release that they are of.
    pub release: String,
    /// The command that goes back to it.
    pub command: String,
    /// Until when they stay: RFC 3339, in UTC.
    pub until: String,
    /// Their services.
    pub services: Vec<String>,
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
    /// Backstay deployed the stack, and the record of that is not here.
    RecordElsewhere {
        /// The machine and the folder of its state, with a colon between, where it is or was.
        place: String,
    },
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
    /// A container of the project is another stack's, or nobody's any more.
    Orphan {
        /// The container.
        container: String,
        /// The project directory that it was made from, where it says so.
        directory: Option<PathBuf>,
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
    /// The gateway that the release had is not there, does not run, or holds other ports: nobody answers on these.
    Gateway {
        /// The host ports.
        ports: Vec<String>,
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
pub async fn read(ctx: &Context, stack: &StackRef) -> Result<StatusReport> {
    ctx.engine.info().await?;
    let found = find(ctx, stack).await?;
    let layout = found.layout.clone();
    let (catalog, flaw) = Catalog::look(&layout, &*ctx.store)?;
    let mut damage: Vec<Error> = flaw.into_iter().collect();
    let ran_as = former_name(ctx, stack, &found, &catalog).await?;
    let project = found.project.clone();
    let all = ctx.engine.containers(&project).await?;
    let release = catalog.recorded().map(|folder| &folder.release);
    let live = all.into_iter().filter(is_live);
    let (live, orphans): (Vec<Container>, Vec<Container>) = live.partition(|found| {
        let is_service =
            release.is_some_and(|release| release.services.contains_key(&found.service));
        is_service || is_ours(found, stack, release, &*ctx.store)
    });
    let mut drift = match &catalog.current {
        Some(folder) => {
            let alike = alike(ctx, &folder.release.services, &live).await?;
            let mut drift = container_drift(&folder.release, &live, &alike);
            drift.extend(tag_drift(ctx, &folder.release).await?);
            drift.extend(file_drift(ctx, stack, &folder.release));
            drift.extend(gateway_drift(ctx, folder).await?);
            drift
        }
        // The record is there, and can't be read.
        None if live.is_empty() || !damage.is_empty() => Vec::new(),
        None => match live.iter().find_map(|container| container.kept_at.clone()) {
            Some(place) => vec![Drift::RecordElsewhere { place }],
            None => vec![Drift::NotRecorded],
        },
    };
    drift.extend(
        orphans
            .into_iter()
            .map(|orphan| Drift::Orphan { container: orphan.name, directory: orphan.directory }),
    );
    drift.extend(
        all_unwell(ctx, &live.iter().collect::<Vec<_>>()).await.into_iter().map(Drift::Unwell),
    );
    let (mut interrupted, flaws) = run_record::open_runs(&layout, &*ctx.store)?;
    // A run of this moment has its journal here, or its mark on the engine.
    interrupted.extend(strays::find(ctx, &layout).await?);
    damage.extend(flaws);
    Ok(StatusReport {
        project,
        engine: found.engine,
        state: layout.root().to_owned(),
        ran_as,
        release: catalog
            .current
            .map(|folder| ReleaseStatus { id: folder.release.id, created: folder.release.created }),
        containers: live.into_iter().map(status).collect(),
        drift,
        warm: warm::now(ctx, &layout).filter(|up| !up.containers.is_empty()).map(warm_status),
        interrupted,
        damage,
    })
}

fn warm_status(warm: Warm) -> WarmStatus {
    let until = warm.until().map(|until| until.to_string()).unwrap_or_default();
    let services: BTreeSet<String> = warm.containers.into_iter().map(|one| one.service).collect();
    let services = services.into_iter().collect();
    WarmStatus { release: warm.release, command: warm.command, until, services }
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

async fn tag_drift(ctx: &Context, release: &Release) -> Result<Vec<Drift>> {
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

/// A record that can't be read says nothing of a gateway; that is told elsewhere.
async fn gateway_drift(ctx: &Context, folder: &ReleaseFolder) -> Result<Option<Drift>> {
    let text = folder.model(&*ctx.store).unwrap_or_default();
    if !text.contains(HELD) {
        return Ok(None);
    }
    let Some(wish) = Model::parse(&text).ok().as_ref().and_then(wish) else { return Ok(None) };
    let found = live_gateway(ctx.engine.gateways(&folder.release.project).await?);
    let is_there = found.is_some_and(|found| wish.is(&found));
    let ports = wish.ports.iter().map(HeldPort::label).collect();
    Ok((!is_there).then_some(Drift::Gateway { ports }))
}

fn file_drift(ctx: &Context, stack: &StackRef, release: &Release) -> Vec<Drift> {
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
