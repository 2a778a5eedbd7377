//! Saving data beside the backup, while nothing has been touched. Those who use a volume that is copied stand still meanwhile, where
//! that is wished; a command's output is read while all run, or while its writers stand still where they do anyway.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::data_trouble::{Stopped, failure, told, within};
use super::encrypted::{self, unbroken};
use super::trouble::Trouble;
use crate::context::Context;
use crate::data::{
    self, Cloned, NotWhole, SavedData, Saving, Tools, command_failed, place, users, writers,
};
use crate::engine::{Container, EngineError, EngineErrorKind, EngineResult, Status};
use crate::error::Error;
use crate::event::{DataAction, DataTrouble, Event, Failure, Note};
use crate::plan::{DataPlace, Step, Undo};
use crate::run::Run;
use crate::stack::{Consistency, DataSet, Dump, Model, Way};

/// What is saved, and from what.
pub(crate) struct Source<'a> {
    /// The model that says what data there is.
    pub model: &'a Model,
    /// The containers that run.
    pub live: &'a [Container],
}

/// How a set can be read.
enum Reading<'a> {
    Dump(&'a Dump, &'a Container),
    Copy(DataPlace),
}

/// Saves these sets into a backup's folder.
pub(crate) async fn save(
    run: &mut Run<'_>,
    source: &Source<'_>,
    sets: &[&DataSet],
    folder: &Path,
) -> Result<(), Failure> {
    let ctx = run.ctx;
    let mut readings = Vec::new();
    for set in sets {
        match reading(ctx, source, set).await? {
            Some(reading) => readings.push((*set, reading)),
            None => {
                let note = Note::DataAbsent { data: set.name.clone() };
                ctx.reporter.report(&Event::Note { note });
            }
        }
    }
    if readings.is_empty() {
        return Ok(());
    }
    let stopped = standing(ctx, source, &readings, Consistency::Stop).await?;
    let mut paused = standing(ctx, source, &readings, Consistency::Pause).await?;
    paused.retain(|container| {
        container.state.status == Status::Running && stopped.iter().all(|s| s.id != container.id)
    });
    let ids = |all: &[&Container]| all.iter().map(|c| c.id.clone()).collect::<Vec<_>>();
    let undo = Undo::SaveData { stopped: ids(&stopped), paused: ids(&paused) };
    let step = Step::SaveData { data: readings.iter().map(|(set, _)| set.name.clone()).collect() };
    let still = Still { stopped: &stopped, paused: &paused };
    let place = Place { project: run.layout.directory().to_owned(), folder };
    run.step(step, undo, apply(ctx, source, &readings, &still, &place)).await
}

/// Where it is saved.
struct Place<'a> {
    /// The stack's folder.
    project: PathBuf,
    /// The backup's.
    folder: &'a Path,
}

/// Those that stand still.
struct Still<'a> {
    stopped: &'a [&'a Container],
    paused: &'a [&'a Container],
}

async fn apply(
    ctx: &Context,
    source: &Source<'_>,
    readings: &[(&DataSet, Reading<'_>)],
    still: &Still<'_>,
    to: &Place<'_>,
) -> Result<(), Failure> {
    let is_stopped = |service: &str| still.stopped.iter().any(|c| c.service == service);
    let (mut before, mut meanwhile) = (Vec::new(), Vec::new());
    for (set, reading) in readings {
        let waits = match reading {
            Reading::Copy(_) => true,
            Reading::Dump(dump, _) => {
                !is_stopped(&dump.service)
                    && writers(source.model, set).iter().any(|name| is_stopped(name))
            }
        };
        if waits { meanwhile.push((set, reading)) } else { before.push((set, reading)) }
    }
    for (set, reading) in before {
        one(ctx, set, reading, to).await?;
    }
    for container in still.stopped.iter().rev() {
        let stopped = ctx.engine.stop(&container.id).await;
        stopped.map_err(|error| Failure::from(error).at(&container.service))?;
    }
    for container in still.paused {
        let paused = ctx.engine.pause(&container.id).await;
        paused.map_err(|error| Failure::from(error).at(&container.service))?;
    }
    let mut cloned = Vec::new();
    for (set, reading) in meanwhile {
        let begun = (ctx.clock.elapsed(), ctx.timestamp());
        match clone_of(ctx, set, reading, to.folder).await {
            Some(clone) => cloned.push((set, reading, clone, begun)),
            None => one(ctx, set, reading, to).await?,
        }
    }
    for container in still.paused {
        ctx.engine.unpause(&container.id).await?;
    }
    for container in still.stopped {
        let started = ctx.engine.start(&container.id).await;
        started.map_err(|error| Failure::from(error).at(&container.service))?;
    }
    for (set, reading, clone, begun) in cloned {
        let Reading::Copy(place) = reading else { continue };
        let saving = start(ctx, set, to)?;
        let written = within(ctx, set.timeout, written(clone, saving.writer())).await;
        let saving = unbroken(set, saving, written.map_err(|stopped| of(set, stopped))).await?.0;
        keep(ctx, set, saving, ("", place.image.clone()), to.folder, begun).await?;
    }
    Ok(())
}

/// A clone of what is copied, where the file system makes one: those who stand still need not wait for an archive of it. What is to be
/// encrypted is not cloned: it would lie among the backups as it is.
async fn clone_of(
    ctx: &Context,
    set: &DataSet,
    reading: &Reading<'_>,
    folder: &Path,
) -> Option<Cloned> {
    let Reading::Copy(place) = reading else { return None };
    if set.encrypt.is_some() {
        return None;
    }
    let here = ctx.engine.host_folder(&place.id, &place.path).await.ok().flatten()?;
    Cloned::take(here, folder.join(format!(".clone-{}", set.name))).await
}

async fn written(clone: Cloned, out: Box<dyn Write + Send>) -> EngineResult<()> {
    let failed = |error: io::Error| {
        let kind = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => EngineErrorKind::DiskFull,
            _ => EngineErrorKind::Other,
        };
        EngineError::new(kind, "writing a copy", error.to_string())
    };
    clone.write(out).await.map_err(failed)
}

/// Lets those go on that stood still. Nothing else is started.
pub(super) async fn undo(
    ctx: &Context,
    stopped: &[String],
    paused: &[String],
) -> Result<(), Trouble> {
    let mut troubles = Vec::new();
    for id in paused {
        troubles.extend(ctx.engine.unpause(id).await.err().map(Trouble::from));
    }
    for id in stopped {
        match ctx.engine.container(id).await {
            Ok(Some(found)) if !found.is_up() => {
                troubles.extend(ctx.engine.start(id).await.err().map(Trouble::from));
            }
            Ok(Some(_)) => {}
            Ok(None) => troubles.push(Trouble::new(format!("container {id} is gone"))),
            Err(error) => troubles.push(error.into()),
        }
    }
    Trouble::all(troubles)
}

/// What a person does instead.
pub(super) fn by_hand(stopped: &[String], paused: &[String]) -> Vec<String> {
    let command = |word: &str, ids: &[String]| {
        (!ids.is_empty()).then(|| format!("docker {word} {}", ids.join(" ")))
    };
    command("unpause", paused).into_iter().chain(command("start", stopped)).collect()
}

/// How a set can be read; `None` where nothing is there yet that has it.
async fn reading<'a>(
    ctx: &Context,
    source: &Source<'a>,
    set: &'a DataSet,
) -> Result<Option<Reading<'a>>, Failure> {
    match &set.way {
        Way::Copy(copy) => {
            let place = place(ctx, source.model, copy, source.live).await?;
            Ok(place.map(Reading::Copy))
        }
        Way::Dump(dump) => {
            let mut mine = source.live.iter().filter(|c| c.service == dump.service).peekable();
            if mine.peek().is_none() {
                return Ok(None);
            }
            let runs = |container: &&Container| container.state.status == Status::Running;
            match mine.find(runs) {
                Some(container) => Ok(Some(Reading::Dump(dump, container))),
                None => {
                    let service = dump.service.clone();
                    Err(failure(set, DataAction::Save, DataTrouble::Off { service }))
                }
            }
        }
    }
}

/// The containers that are to stand still in this way, those that others need first.
async fn standing<'a>(
    ctx: &Context,
    source: &Source<'a>,
    readings: &[(&DataSet, Reading<'_>)],
    how: Consistency,
) -> EngineResult<Vec<&'a Container>> {
    let mut ids = BTreeSet::new();
    for (set, _) in readings {
        let Way::Copy(copy) = &set.way else { continue };
        if copy.consistency == how {
            ids.extend(users(ctx, source.model, copy, source.live).await?);
        }
    }
    let up = |container: &&Container| container.is_up();
    let mut services: BTreeSet<&str> = source
        .live
        .iter()
        .filter(up)
        .filter(|container| ids.contains(&container.id))
        .map(|container| container.service.as_str())
        .collect();
    if how == Consistency::Stop {
        // Who lives in another one's namespaces can't do without it.
        let waves = source.model.order().unwrap_or_default();
        for service in waves.iter().flatten().filter_map(|name| source.model.services.get(name)) {
            if service.borrows.iter().any(|lender| services.contains(lender.as_str())) {
                services.insert(&service.name);
            }
        }
    }
    let order: Vec<String> = source.model.order().unwrap_or_default().concat();
    let at = |container: &Container| order.iter().position(|name| *name == container.service);
    let is_one = |container: &&Container| {
        services.contains(container.service.as_str())
            && (how == Consistency::Stop || ids.contains(&container.id))
    };
    let mut found: Vec<&Container> = source.live.iter().filter(up).filter(is_one).collect();
    found.sort_by_key(|container| at(container));
    Ok(found)
}

/// Saves one set.
async fn one(
    ctx: &Context,
    set: &DataSet,
    reading: &Reading<'_>,
    to: &Place<'_>,
) -> Result<(), Failure> {
    let begun = (ctx.clock.elapsed(), ctx.timestamp());
    let failed = |trouble| failure(set, DataAction::Save, trouble);
    let saving = start(ctx, set, to)?;
    let read = match reading {
        Reading::Dump(dump, container) => {
            let (id, command, out) = (&container.id, &dump.command, saving.writer());
            let reads = ctx.engine.read_from(id, command, out);
            let ran = within(ctx, set.timeout, reads).await.map_err(|t| of(set, t));
            let (saving, ran) = unbroken(set, saving, ran).await?;
            if ran.code != Some(0) {
                let logs = ran.words;
                return Err(Failure { logs, ..failed(DataTrouble::Exit { code: ran.code }) });
            }
            (saving, (dump.end.as_str(), container.image.clone()))
        }
        Reading::Copy(place) => {
            let reads = ctx.engine.read_files(&place.id, &place.path, saving.writer());
            let read = within(ctx, set.timeout, reads).await.map_err(|t| of(set, t));
            (unbroken(set, saving, read).await?.0, ("", place.image.clone()))
        }
    };
    keep(ctx, set, read.0, read.1, to.folder, begun).await
}

/// Starts a set's file.
fn start(ctx: &Context, set: &DataSet, to: &Place<'_>) -> Result<Saving, Failure> {
    let commands = (&*ctx.commands, to.project.as_path());
    let tools = Tools { store: &*ctx.store, commands, reporter: ctx.reporter.clone() };
    let saving = Saving::start(to.folder, set, tools);
    saving.map_err(|error| match command_failed(&error) {
        Some(failed) => encrypted::not_saved(set, failed.clone()),
        None => Error::io("writing", to.folder, error).into(),
    })
}

/// Keeps it, where it is whole: it has the mark that it is to end with. `image` is that of the container that it was read from.
async fn keep(
    ctx: &Context,
    set: &DataSet,
    saving: Saving,
    (end, image): (&str, String),
    folder: &Path,
    (begun, at): (Duration, String),
) -> Result<(), Failure> {
    let failed = |trouble| failure(set, DataAction::Save, trouble);
    let file = set.file();
    let path = folder.join(&file);
    let finish = async { Ok(saving.finish(&path, end).await) };
    let written = within(ctx, set.timeout, finish).await.map_err(|stopped| of(set, stopped))?;
    let written = written.map_err(|why| match why {
        NotWhole::Encrypt(failed) => encrypted::not_saved(set, failed),
        NotWhole::Empty => failed(DataTrouble::Empty),
        NotWhole::NoEnd => failed(DataTrouble::Cut),
        NotWhole::Io(error) => Error::io("writing", folder, error).into(),
    })?;
    let (size, raw, digest) = (written.size, written.raw, written.digest);
    let saved = SavedData { set: set.clone(), file: file.clone(), size, raw, digest, at, image };
    data::note(folder, saved, &*ctx.store)?;
    let took = ctx.clock.elapsed().saturating_sub(begun);
    let note = Note::DataSaved { data: set.name.clone(), file, size, took };
    ctx.reporter.report(&Event::Note { note });
    Ok(())
}

fn of(set: &DataSet, stopped: Stopped) -> Failure {
    told(set, DataAction::Save, stopped)
}
