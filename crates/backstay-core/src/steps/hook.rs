//! A hook of the run: a command that the files name for a place in it. It is on record before it begins, so that whatever ends the run
//! there, what takes it back is run on the way back.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Site;
use super::transaction::Transaction;
use super::trouble::Trouble;
use crate::context::Context;
use crate::engine::{Container, Created};
use crate::error::Error;
use crate::event::{Cause, Event, Failure, HookTrouble, Note};
use crate::hooks::{Call, Failed, call, end, inside, marks};
use crate::layout::Layout;
use crate::plan::{HookPlace, Plan, Undo};
use crate::run::Run;
use crate::stack::{Hook, HookPoint, RunHook};

/// A hook as it lies in the run's own folder: its words and variables may be secrets, and the journal is shown.
#[derive(Serialize, Deserialize)]
struct Kept {
    command: Hook,
    undo: Option<Hook>,
    timeout: Duration,
}

impl Transaction<'_> {
    /// Runs a hook that is part of the plan.
    pub(super) async fn hook(
        &self,
        run: &mut Run<'_>,
        plan: &Plan,
        name: &str,
        created: &[Created],
        verified: &[Container],
    ) -> Result<(), Failure> {
        let Some(hook) = self.desired.hooks.iter().find(|hook| hook.name == name) else {
            return Ok(());
        };
        let place = match hook.point {
            HookPoint::BeforeSwitch => self.beside(hook, created),
            _ => inside(hook, verified),
        };
        let variables = self.hooks.variables(&run.state, hook.point, &plan.changed());
        let Some(place) = place else {
            let service = hook.service.clone().unwrap_or_default();
            return Err(failure(hook, Failed::new(HookTrouble::Off { service })));
        };
        take(run, hook, place, variables).await
    }

    /// The container that a hook is run beside: the new one, or the one that stays.
    fn beside(&self, hook: &RunHook, created: &[Created]) -> Option<HookPlace> {
        let Some(service) = &hook.service else { return Some(HookPlace::Host) };
        let mut new = created.iter().filter(|new| &new.service == service && !new.rehearsal);
        let mut live = self.live.iter().filter(|container| &container.service == service);
        let id = new.next().map(|new| &new.id).or_else(|| live.next().map(|live| &live.id));
        id.map(|id| HookPlace::Beside { container: id.clone() })
    }
}

/// Runs those that come before everything else.
pub(crate) async fn before(
    run: &mut Run<'_>,
    hook: &RunHook,
    live: &[Container],
    variables: Vec<String>,
) -> Result<(), Failure> {
    let is_there = |service: &String| live.iter().any(|found| &found.service == service);
    match (inside(hook, live), &hook.service) {
        (Some(place), _) => take(run, hook, place, variables).await,
        (None, Some(service)) if is_there(service) => {
            Err(failure(hook, Failed::new(HookTrouble::Off { service: service.clone() })))
        }
        // A first deployment.
        (None, service) => {
            let (hook, service) = (hook.name.clone(), service.clone().unwrap_or_default());
            run.ctx.reporter.report(&Event::Note { note: Note::HookLeftOut { hook, service } });
            Ok(())
        }
    }
}

async fn take(
    run: &mut Run<'_>,
    hook: &RunHook,
    place: HookPlace,
    variables: Vec<String>,
) -> Result<(), Failure> {
    let ctx = run.ctx;
    let told = |command: &Hook| command.with(&variables);
    let (command, undo) = (told(&hook.run), hook.undo.as_ref().map(told));
    let file = format!("hook-{}.json", run.state.steps.len());
    let kept = Kept { command, undo, timeout: hook.timeout };
    let path = at(&run.layout, &run.state.run, &file);
    let text = serde_json::to_vec(&kept).map_err(|error| Error::io("writing", &path, error.into()));
    let written = ctx.store.write(&path, &text?, 0o600);
    written.map_err(|error| Error::io("writing", &path, error))?;
    let id = run.state.run.clone();
    let folder = run.layout.directory().to_owned();
    let undo = Undo::Hook {
        name: hook.name.clone(),
        point: hook.point,
        project: run.state.project.clone(),
        place: place.clone(),
        kept: file,
        undoes: hook.undo.is_some(),
    };
    let effect = async {
        let work = work(&hook.name, &id, &place, &kept.command, kept.timeout, &folder);
        call(ctx, &work).await.map_err(|failed| failure(hook, failed))
    };
    run.step(hook.step(), undo, effect).await
}

fn failure(hook: &RunHook, failed: Failed) -> Failure {
    let Failed { trouble, lines: logs } = failed;
    let cause = Cause::RunHook { hook: hook.name.clone(), trouble };
    Failure { logs, service: hook.service.clone(), ..Failure::new(cause) }
}

const fn work<'a>(
    name: &'a str,
    run: &'a str,
    place: &'a HookPlace,
    command: &'a Hook,
    timeout: Duration,
    folder: &'a Path,
) -> Call<'a> {
    Call { name, run, place, command, timeout, folder }
}

/// What an undo has to take back.
pub(super) struct Begun<'a> {
    pub name: &'a str,
    pub project: &'a str,
    pub place: &'a HookPlace,
    pub point: HookPoint,
    pub kept: &'a str,
}

/// Ends what is left of it, and runs what takes it back. Can be repeated, as far as that can.
pub(super) async fn undo(site: Site<'_>, begun: Begun<'_>) -> Result<(), Trouble> {
    let Site { ctx, layout, run } = site;
    let path = at(layout, run, begun.kept);
    let reading = |error| Error::io("reading", &path, error);
    let Some(_) = ctx.store.metadata(&path).map_err(reading)? else {
        // Somebody has taken it back by hand, and said so.
        return Ok(());
    };
    let bytes = ctx.store.read(&path).map_err(reading)?;
    let kept: Kept = serde_json::from_slice(&bytes).map_err(|error| reading(error.into()))?;
    let Begun { name, place, point, .. } = begun;
    if let HookPlace::Inside { container } | HookPlace::Beside { container } = place
        && point != HookPoint::BeforeDeploy
        && ctx.engine.container(container).await?.is_none()
    {
        // It goes only when this was done, which may not be on record.
        return Ok(());
    }
    let folder = layout.directory();
    let was = work(name, run, place, &kept.command, kept.timeout, folder);
    let marks = marks(begun.project, run);
    end(ctx, &was, &marks).await?;
    let note = |note| ctx.reporter.report(&Event::Note { note });
    let Some(undo) = &kept.undo else {
        note(Note::HookStays { hook: name.to_owned() });
        return Ok(());
    };
    up(ctx, place).await?;
    let back = work(name, run, place, undo, kept.timeout, folder);
    if let Err(Failed { trouble, lines }) = call(ctx, &back).await {
        if matches!(trouble, HookTrouble::Late { .. }) {
            end(ctx, &back, &marks).await?;
        }
        let (why, said) = (words(&trouble), lines.join(" / "));
        let done =
            format!("where that was done by hand, remove .backup/journal/{run}/{}", begun.kept);
        return Err(Trouble::new(format!("undo of hook `{name}`: {why} {said} ({done})")));
    }
    note(Note::HookUndone { hook: name.to_owned() });
    Ok(())
}

/// The container of a hook that ended with the engine.
async fn up(ctx: &Context, place: &HookPlace) -> Result<(), Trouble> {
    let HookPlace::Inside { container } = place else { return Ok(()) };
    match ctx.engine.container(container).await? {
        Some(found) if found.is_up() => Ok(()),
        Some(_) => Ok(ctx.engine.start(container).await?),
        None => Err(Trouble::new(format!("container {container} is gone"))),
    }
}

fn words(trouble: &HookTrouble) -> String {
    match trouble {
        HookTrouble::Off { service } => format!("no container of {service} runs"),
        HookTrouble::Exit { code: Some(code) } => format!("exit code {code}"),
        HookTrouble::Exit { code: None } => "no exit code".to_owned(),
        HookTrouble::Late { waited } => format!("not done after {} s", waited.as_secs()),
        HookTrouble::Other { message } => message.clone(),
    }
}

fn at(layout: &Layout, run: &str, file: &str) -> PathBuf {
    layout.work(run).join(file)
}
