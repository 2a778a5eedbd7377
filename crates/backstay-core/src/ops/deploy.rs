//! `deploy`: the whole stack, or some of its services, from its files.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::basis::Basis;
use super::certificate::CertificateChoice;
use super::conduct::{note, phase};
use super::environment::EnvironmentChoice;
use super::from_files::FromFiles;
use super::pulls::Pulling;
use super::{renamed, report::RunReport};
use crate::context::Context;
use crate::error::Result;
use crate::event::{Note, Phase};
use crate::observed::Orphans;
use crate::plan::Plan;
use crate::release::Retention;
use crate::stack::StackRef;

/// How to deploy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeployOptions {
    /// Only these services; `None` means the whole stack.
    pub services: Option<BTreeSet<String>>,
    /// Build application services.
    pub build: bool,
    /// Build without the cache.
    pub no_cache: bool,
    /// Pull newer images, and newer base images for builds.
    pub pull: bool,
    /// How long each service may take to be ready; `None` leaves it to its healthcheck.
    pub wait_timeout: Option<Duration>,
    /// Prove new containers before the first old one is touched.
    pub rehearsal: bool,
    /// How long new containers are watched; `None` leaves it to `update_config.monitor`.
    pub monitor: Option<Duration>,
    /// Save what runs first.
    pub backup: bool,
    /// Save its data with it.
    #[serde(default = "yes")]
    pub data: bool,
    /// How long backups are kept.
    pub retention: Option<Retention>,
    /// What is to become of `.env`.
    #[serde(default)]
    pub environment: EnvironmentChoice,
    /// What is to become of a certificate that is there.
    #[serde(default)]
    pub certificate: CertificateChoice,
    /// Remove the project's containers that are no stack's any more: `--remove-orphans`.
    #[serde(default)]
    pub remove_orphans: bool,
    /// Services whose old containers are stopped ahead of their replacement, where they can't run twice.
    #[serde(default)]
    pub ahead: BTreeSet<String>,
    /// Those of them before whose replacement there is a pause: for tests.
    #[serde(default)]
    pub pauses: BTreeSet<String>,
}

/// What holds where older records say nothing.
const fn yes() -> bool {
    true
}

impl Default for DeployOptions {
    fn default() -> Self {
        Self {
            services: None,
            build: true,
            no_cache: false,
            pull: false,
            wait_timeout: None,
            rehearsal: true,
            monitor: None,
            backup: true,
            data: true,
            retention: None,
            environment: EnvironmentChoice::default(),
            certificate: CertificateChoice::default(),
            remove_orphans: false,
            ahead: BTreeSet::new(),
            pauses: BTreeSet::new(),
        }
    }
}

impl DeployOptions {
    /// How it is decided what is pulled.
    pub(super) fn pulling(&self, basis: &Basis) -> Pulling {
        Pulling { newer: self.pull, by_policy: !basis.is_old() }
    }

    pub(super) fn orphans(&self) -> Orphans {
        if self.remove_orphans { Orphans::Remove } else { Orphans::Leave }
    }
}

/// The plan of a deploy, without any effect: no lock, no file, no build. The image of a service that is built is not known
/// before it is built.
///
/// # Errors
/// What a deploy would refuse to begin with.
pub async fn plan(ctx: &Context, stack: &StackRef, options: &DeployOptions) -> Result<Plan> {
    ctx.engine.info().await?;
    let layout = renamed::place(ctx, stack).await?;
    FromFiles::new(stack, options, Basis::Files).plan(ctx, &layout).await
}

/// Deploys.
///
/// # Errors
/// Whatever keeps the run from beginning; nothing has been changed then. What fails later is in the report.
pub async fn run(ctx: &Context, stack: &StackRef, options: &DeployOptions) -> Result<RunReport> {
    phase(ctx, Phase::Check);
    let info = ctx.engine.info().await?;
    note(ctx, Note::EngineReady { engine: info.engine, compose: info.compose });
    let layout = renamed::place(ctx, stack).await?;
    FromFiles::new(stack, options, Basis::Files).run(ctx, &layout).await
}
