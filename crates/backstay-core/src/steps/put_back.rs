//! Bringing data back: that of a release, while its writers stand still; and in an undo that of before.

use std::path::{Path, PathBuf};

use super::Site;
use super::data_trouble::{failure, within};
use super::data_work::DataWork;
use super::encrypted::{self, not_back};
use super::transaction::Transaction;
use super::trouble::Trouble;
use crate::data::{self, SavedData, place};
use crate::engine::Status;
use crate::error::Error;
use crate::event::{DataAction, DataTrouble, Event, Failure, Note};
use crate::layout::Layout;
use crate::observed::is_live;
use crate::plan::{DataPlace, KeptData, Step, Undo};
use crate::run::Run;
use crate::stack::{DataSet, Way};
use crate::store::Store;

impl Transaction<'_> {
    /// Saves what is there, now that nobody writes.
    pub(super) async fn save_still(&self, run: &mut Run<'_>) -> Result<(), Failure> {
        let Some(work) = &self.data else { return Ok(()) };
        let all = run.ctx.engine.containers(&run.state.project).await?;
        let mut live = Vec::new();
        for known in &self.live {
            live.extend(all.iter().find(|found| found.id == known.id).cloned());
        }
        let source = super::save_data::Source { model: work.model, live: &live };
        let sets: Vec<&DataSet> = work.sets.iter().collect();
        let (place, store) = (kept_at(&run.layout, &run.state.run), run.ctx.store.clone());
        store.create_dir(&place).map_err(|error| Error::io("creating", &place, error))?;
        super::save_data::save(run, &source, &sets, &place).await
    }

    /// From here on a failure brings back what was saved.
    pub(super) async fn guard(&self, run: &mut Run<'_>, names: &[String]) -> Result<(), Failure> {
        let Some(work) = &self.data else { return Ok(()) };
        let undo = put_back(run, work, self.kept(run, work, names).await?, true);
        run.step(Step::Guard { data: names.to_vec() }, undo, async { Ok(()) }).await
    }

    /// Brings a release's data back.
    pub(super) async fn restore_data(
        &self,
        run: &mut Run<'_>,
        names: &[String],
    ) -> Result<(), Failure> {
        let Some(work) = &self.data else { return Ok(()) };
        let Some((folder, coming)) = &work.coming else { return Ok(()) };
        let kept = self.kept(run, work, names).await?;
        let undo = put_back(run, work, kept.clone(), false);
        let (ctx, project, id) = (run.ctx, run.state.project.clone(), run.state.run.clone());
        let layout = run.layout.clone();
        let effect = async {
            for saved in coming {
                data::check(folder, saved, &*ctx.store)?;
            }
            for saved in coming {
                let place = kept.iter().find(|kept| kept.name == saved.set.name);
                let place = place.and_then(|kept| kept.place.clone());
                let site = Site { ctx, layout: &layout, run: &id };
                bring(site, &project, folder, saved, place.as_ref()).await?;
                let (name, at) = (saved.set.name.clone(), saved.at.clone());
                let note = Note::DataRestored { data: name, at };
                ctx.reporter.report(&Event::Note { note });
            }
            Ok(())
        };
        run.step(Step::RestoreData { data: names.to_vec() }, undo, effect).await
    }

    /// The new release begins to serve: what it writes from here on is somebody's.
    pub(super) async fn open(&self, run: &mut Run<'_>, names: &[String]) -> Result<(), Failure> {
        let (store, mark) = (run.ctx.store.clone(), mark(&run.layout, &run.state.run));
        let effect = async {
            let written = store.write(&mark, b"", 0o600);
            Ok(written.map_err(|error| Error::io("writing", &mark, error))?)
        };
        run.step(Step::Open { data: names.to_vec() }, Undo::Nothing, effect).await
    }

    /// What was saved of these, and where it belongs.
    async fn kept(
        &self,
        run: &Run<'_>,
        work: &DataWork<'_>,
        names: &[String],
    ) -> Result<Vec<KeptData>, Failure> {
        let folder = kept_at(&run.layout, &run.state.run);
        let record = data::read(&folder, &*run.ctx.store)?;
        let mut kept = Vec::new();
        for saved in record.iter().flat_map(|record| record.sets.values()) {
            if !names.contains(&saved.set.name) {
                continue;
            }
            let place = match &saved.set.way {
                Way::Dump(_) => None,
                Way::Copy(copy) => place(run.ctx, work.model, copy, &self.live).await?,
            };
            kept.push(KeptData { name: saved.set.name.clone(), place });
        }
        Ok(kept)
    }
}

fn put_back(run: &Run<'_>, work: &DataWork<'_>, data: Vec<KeptData>, until_open: bool) -> Undo {
    let (project, folder) = (run.state.project.clone(), work.folder.clone());
    Undo::PutBack { project, folder, data, until_open }
}

/// Brings a set back from its file. What is in a volume goes aside in it first.
async fn bring(
    site: Site<'_>,
    project: &str,
    folder: &Path,
    saved: &SavedData,
    place: Option<&DataPlace>,
) -> Result<(), Failure> {
    let (Site { ctx, layout, run: mark }, set) = (site, &saved.set);
    let failed = |trouble| failure(set, DataAction::Restore, trouble);
    let (input, coming) = encrypted::open(ctx, layout.directory(), folder, saved)?;
    let stopped = |stopped| not_back(set, &coming, stopped);
    match &set.way {
        Way::Dump(dump) => {
            if dump.restore.is_empty() {
                return Err(failed(DataTrouble::NoCommand));
            }
            let all = ctx.engine.containers(project).await?;
            let mut mine = all.iter().filter(|c| c.service == dump.service && is_live(c));
            let Some(first) = mine.clone().next() else {
                return Err(failed(DataTrouble::Off { service: dump.service.clone() }));
            };
            let runs = mine.find(|container| container.state.status == Status::Running);
            let container = runs.unwrap_or(first);
            if runs.is_none() {
                ctx.engine.start(&container.id).await?;
            }
            let writes = ctx.engine.write_to(&container.id, &dump.restore, input);
            let ran = within(ctx, set.timeout, writes).await.map_err(stopped)?;
            if ran.code != Some(0) {
                let logs = ran.words;
                return Err(Failure { logs, ..failed(DataTrouble::Exit { code: ran.code }) });
            }
        }
        Way::Copy(_) => {
            let Some(place) = place else {
                let message = "nothing mounts it any more".to_owned();
                return Err(failed(DataTrouble::Other { message }));
            };
            let aside = ctx.engine.set_aside(&place.id, &place.path, mark);
            within(ctx, set.timeout, aside).await.map_err(stopped)?;
            let writes = ctx.engine.write_files(&place.id, &place.path, input);
            within(ctx, set.timeout, writes).await.map_err(stopped)?;
        }
    }
    Ok(())
}

/// What an undo has to bring back.
pub(super) struct Back<'a> {
    pub project: &'a str,
    pub folder: &'a str,
    pub data: &'a [KeptData],
    pub until_open: bool,
}

/// Brings back what was there before. Can be repeated.
pub(super) async fn undo(site: Site<'_>, back: Back<'_>) -> Result<(), Trouble> {
    let Site { ctx, layout, run } = site;
    let mark = mark(layout, run);
    let found = ctx.store.metadata(&mark).map_err(|error| Error::io("reading", &mark, error))?;
    if back.until_open && found.is_some() {
        for kept in back.data {
            let note = Note::DataStays { data: kept.name.clone(), folder: back.folder.to_owned() };
            ctx.reporter.report(&Event::Note { note });
        }
        return Ok(());
    }
    let folder = kept_at(layout, run);
    let record = data::read(&folder, &*ctx.store)?;
    let mut troubles = Vec::new();
    for kept in back.data {
        let saved = record.as_ref().and_then(|record| record.sets.get(&kept.name));
        let done = match (saved, &kept.place) {
            // What was moved aside comes back as it is.
            (_, Some(place)) if !back.until_open => {
                let back = ctx.engine.bring_back(&place.id, &place.path, run).await;
                back.map_err(Trouble::from)
            }
            (Some(saved), place) => {
                let done = one(site, back.project, &folder, saved, place.as_ref()).await;
                done.map_err(|failure| Trouble::new(words(&kept.name, &failure)))
            }
            (None, _) => {
                Err(Trouble::new(format!("`{}` has no data of {}", folder.display(), kept.name)))
            }
        };
        troubles.extend(done.err());
    }
    Trouble::all(troubles)
}

async fn one(
    site: Site<'_>,
    project: &str,
    folder: &Path,
    saved: &SavedData,
    place: Option<&DataPlace>,
) -> Result<(), Failure> {
    let Site { ctx, run, .. } = site;
    data::check(folder, saved, &*ctx.store)?;
    bring(site, project, folder, saved, place).await?;
    if let Some(place) = place {
        // What a migration has made of it.
        ctx.engine.drop_aside(&place.id, &place.path, run).await?;
    }
    let note = Note::DataRestored { data: saved.set.name.clone(), at: saved.at.clone() };
    ctx.reporter.report(&Event::Note { note });
    Ok(())
}

fn words(name: &str, failure: &Failure) -> String {
    let said: Vec<&str> = failure.logs.iter().map(String::as_str).collect();
    let cause = serde_json::to_value(&failure.cause).unwrap_or_default();
    format!("data of {name} could not be brought back: {cause} {}", said.join(" / "))
}

/// After the commit: what was saved goes to the backup, and what was moved aside goes.
pub(super) async fn finish(
    run: &Run<'_>,
    folder: &str,
    kept: &[KeptData],
    until_open: bool,
) -> crate::error::Result<()> {
    let from = kept_at(&run.layout, &run.state.run);
    hand_over(&from, &run.layout.backup(folder), &*run.ctx.store)?;
    for place in kept.iter().filter_map(|kept| kept.place.as_ref()).filter(|_| !until_open) {
        match run.ctx.engine.drop_aside(&place.id, &place.path, &run.state.run).await {
            // It goes after this: then this was done already.
            Err(error) if error.is_not_found() => {}
            other => other?,
        }
    }
    Ok(())
}

/// Whether the backup of a run that is undone stays: the new release had begun to write, and what was there before is in it.
pub(super) fn stays(site: Site<'_>, folder: &str) -> crate::error::Result<bool> {
    let Site { ctx, layout, run } = site;
    let (store, mark, from) = (&*ctx.store, mark(layout, run), kept_at(layout, run));
    let found = store.metadata(&mark).map_err(|error| Error::io("reading", &mark, error))?;
    if found.is_none() || !folder.ends_with(run) || data::read(&from, store)?.is_none() {
        return Ok(false);
    }
    hand_over(&from, &layout.backup(folder), store)?;
    Ok(true)
}

/// Moves saved data from one folder to another. Can be repeated.
fn hand_over(from: &Path, to: &Path, store: &dyn Store) -> crate::error::Result<()> {
    let Some(record) = data::read(from, store)? else { return Ok(()) };
    // What a crash left of a write.
    for name in store.list(to).map_err(|error| Error::io("reading", to, error))? {
        if name.ends_with(".tmp") {
            let path = to.join(name);
            store.remove_file(&path).map_err(|error| Error::io("removing", &path, error))?;
        }
    }
    for saved in record.sets.into_values() {
        let (old, new) = (from.join(&saved.file), to.join(&saved.file));
        let found = store.metadata(&old).map_err(|error| Error::io("reading", &old, error))?;
        if found.is_some() {
            store.rename(&old, &new).map_err(|error| Error::io("renaming", &old, error))?;
        }
        data::note(to, saved, store)?;
    }
    Ok(())
}

/// What a person does instead: the copies lie beside the journal, and the undo can be tried again.
pub(super) fn by_hand() -> Vec<String> {
    vec!["backstay recover".to_owned()]
}

/// Where data lies that an undo may need: it stays there until the run's end is on record, whatever else has been undone.
pub(super) fn kept_at(layout: &Layout, run: &str) -> PathBuf {
    layout.work(run).join("data")
}

/// The file that is there when the new release serves.
fn mark(layout: &Layout, run: &str) -> PathBuf {
    layout.work(run).join("open")
}
