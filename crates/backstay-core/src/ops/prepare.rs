//! What a deploy looks at before its run begins, and what it brings in order so that the model can be read: `.env`.

use std::collections::BTreeSet;

use super::certificate::{self, CertificateChoice};
use super::deploy::DeployOptions;
use super::environment::{self, EnvironmentChoice, Placing};
use super::{mounts, old_backup, preflight};
use crate::context::Context;
use crate::engine::EngineErrorKind;
use crate::error::{Error, Result};
use crate::event::{Event, Failure};
use crate::layout::Layout;
use crate::release::{Catalog, collect_files};
use crate::run::Run;
use crate::running::{Observed, observe};
use crate::stack::{Model, StackRef};

/// What was found before anything was touched.
pub(crate) struct Found {
    /// The template that is to take the place of `.env`.
    pub placing: Option<Placing>,
    /// The variables that the stack can't do without.
    pub required: Vec<String>,
    /// The model as the files on the disk give it; `None` where they give none before the template is in place.
    pub model: Option<(Model, String)>,
    /// The certificate of that model; looked at later where `.env` changes.
    pub certificate: Option<certificate::Plan>,
}

/// What a run goes on with when `.env` is as it should be.
pub(crate) struct Prepared {
    pub model: Model,
    pub rendered: String,
    pub observed: Observed,
    pub certificate: Option<certificate::Plan>,
}

/// Why a run ends before it has touched anything but `.env`.
pub(crate) enum Stop {
    /// It failed.
    Failed(Failure),
    /// With this `.env`, it would not have begun.
    Refused(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// Looks at everything that can keep a run from beginning.
pub(crate) async fn look(
    ctx: &Context,
    stack: &StackRef,
    options: &DeployOptions,
    layout: &Layout,
) -> Result<Found> {
    // An update leaves the surroundings of the stack alone.
    let keep = EnvironmentChoice::Keep;
    let choice = if options.services.is_some() { &keep } else { &options.environment };
    let placing = match &options.old {
        Some(old) if options.services.is_none() => {
            old_backup::placing(stack, layout, old, &*ctx.store)?
        }
        _ => environment::placing(stack, choice, &*ctx.store)?,
    };
    let required = match &options.old {
        // Compose says so itself when the old files are in place.
        Some(_) => Vec::new(),
        None => environment::required(ctx, stack, placing.as_ref()).await?,
    };
    match preflight::model(ctx, stack).await {
        Ok(model) if placing.is_some() => {
            Ok(Found { placing, required, model: Some(model), certificate: None })
        }
        Ok(model) => {
            let certificate = check(ctx, stack, options, layout, &model.0).await?;
            Ok(Found { placing, required, model: Some(model), certificate })
        }
        Err(Error::Engine(error)) if placing.is_some() && is_about_files(error.kind) => {
            Ok(Found { placing, required, model: None, certificate: None })
        }
        Err(error) => Err(error),
    }
}

const fn is_about_files(kind: EngineErrorKind) -> bool {
    matches!(kind, EngineErrorKind::InvalidStack | EngineErrorKind::FileMissing)
}

async fn check(
    ctx: &Context,
    stack: &StackRef,
    options: &DeployOptions,
    layout: &Layout,
    model: &Model,
) -> Result<Option<certificate::Plan>> {
    preflight::check(ctx, layout, model, &BTreeSet::new()).await?;
    // Whether they can be read; their content is taken when the run has made its own.
    collect_files(stack, model, &*ctx.store)?;
    let skip = options.services.is_some();
    let choice = if skip { CertificateChoice::Skip } else { options.certificate };
    let plan = certificate::plan(ctx, stack, model, choice)?;
    let coming = plan.iter().flat_map(certificate::Plan::paths);
    let coming = coming.map(|path| stack.directory.join(path)).collect();
    let known = Catalog::look(layout, &*ctx.store)?.0;
    let known = known.recorded().map(|folder| mounts::files_of(&folder.release));
    let only = options.services.as_ref();
    preflight::sources(ctx, model, only, &coming, &known.unwrap_or_default()).await?;
    Ok(plan)
}

/// Puts `.env` in place where that is to be done, and reads the model with it. `observed` is what was found to run, where
/// the files as they were said what the stack is.
pub(crate) async fn settle(
    run: &mut Run<'_>,
    stack: &StackRef,
    options: &DeployOptions,
    catalog: &Catalog,
    found: &mut Found,
    observed: Option<Observed>,
) -> Result<Prepared, (Stop, Option<Observed>)> {
    let Some(placing) = &found.placing else {
        let (Some((model, rendered)), Some(observed)) = (found.model.take(), observed) else {
            // Without a template, there is a model or an error.
            return Err((Error::Model("there is no model".to_owned()).into(), None));
        };
        let certificate = found.certificate.take();
        return Ok(Prepared { model, rendered, observed, certificate });
    };
    if let Err(failure) = environment::place(run, stack, placing).await {
        return Err((Stop::Failed(failure), observed));
    }
    match resolve(run, stack, options, catalog, placing, observed.is_none()).await {
        Ok((model, rendered, certificate, new)) => match new.or(observed) {
            Some(observed) => Ok(Prepared { model, rendered, observed, certificate }),
            None => Err((Error::Model("nothing was observed".to_owned()).into(), None)),
        },
        Err(stop) => Err((stop, observed)),
    }
}

type Resolved = (Model, String, Option<certificate::Plan>, Option<Observed>);

async fn resolve(
    run: &mut Run<'_>,
    stack: &StackRef,
    options: &DeployOptions,
    catalog: &Catalog,
    placing: &Placing,
    is_unknown: bool,
) -> Result<Resolved, Stop> {
    let ctx = run.ctx;
    let (model, rendered) = preflight::model(ctx, stack).await?;
    if !is_unknown && model.project != run.state.project {
        // Another project would be another stack, and this one would go on beside it.
        let (old, new) = (&run.state.project, &model.project);
        let template = &placing.name;
        let problem = format!("`{template}` makes the project `{old}` to `{new}`: name it with -p");
        return Err(Error::Model(problem).into());
    }
    let layout = run.layout.clone();
    let certificate = check(ctx, stack, options, &layout, &model).await?;
    let mut observed = None;
    if is_unknown {
        let mut now = observe(ctx, stack, &model, &rendered, catalog, options.orphans()).await?;
        as_before(&mut now, placing);
        let previous = now.snapshot.as_ref().map(|snapshot| snapshot.release.id.clone());
        let resolved = Event::Resolved { project: model.project.clone(), previous };
        run.record(resolved).map_err(|error| Stop::Failed(Failure::from(&error)))?;
        observed = Some(now);
    }
    Ok((model, rendered, certificate, observed))
}

/// What was adopted just now has the `.env` that was there before.
fn as_before(observed: &mut Observed, placing: &Placing) {
    let (true, Some(snapshot)) = (observed.adopted, &mut observed.snapshot) else { return };
    for (record, content) in &mut snapshot.files {
        if let Some(change) = placing.changes.iter().find(|change| change.path == record.path) {
            let before = change.before.as_ref();
            record.digest = before.map(|(bytes, _)| crate::digest::digest(bytes));
            record.mode = before.map_or(record.mode, |(_, mode)| *mode);
            *content = before.map(|(bytes, _)| bytes.clone());
        }
    }
}
