//! `backstay rollback`

use std::time::Duration;

use backstay_core::Error;
use backstay_core::context::Context;
use backstay_core::event::Outcome;
use backstay_core::ops::backups;
use backstay_core::ops::data;
use backstay_core::ops::rollback::{self, RollbackOptions};
use backstay_core::stack::StackRef;
use clap::Args;

use super::limits::{Keep, Proving, duration};
use super::world::World;
use crate::errors::{CommandError, Exit};
use crate::git;
use crate::i18n::t;
use crate::session::Session;
use crate::ui::{self, Parts, prompt};

/// Go back to a kept release
///
/// The release's files, images and containers are brought back and proven before what runs is touched. A failure or Ctrl-C
/// undoes the whole run. Without a release, a terminal shows the list to choose from; with `--yes` it is the last good
/// one before this.
#[derive(Debug, Args)]
pub(crate) struct Rollback {
    /// Release to go back to: its name, a number of the list, or the path of its folder
    #[arg(value_name = "RELEASE|PATH")]
    release: Option<String>,

    /// Roll back an update: exactly its services, the others stay; numbers are those of the list of updates
    #[arg(long)]
    updates: bool,

    /// Do not ask; `--force` is the same
    #[arg(short, long, alias = "force")]
    yes: bool,

    /// Show the plan and touch nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    proving: Proving,

    /// How long to watch the containers, `5s` or `1m30s`, instead of `rollback_config.monitor`
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    monitor: Option<Duration>,

    /// Go back even where files or folders that the release had otherwise can't be brought back: they stay as they are
    #[arg(long)]
    leave_files: bool,

    /// Bring the data back, too, that was saved with the release: what was written since is lost to it
    #[arg(long, conflicts_with_all = ["no_data", "updates"])]
    with_data: bool,

    /// Leave the data out that `x-backstay.data` names: it is not saved with the backup
    #[arg(long)]
    no_data: bool,

    /// Do not run the hooks that `x-backstay.hooks` names
    #[arg(long)]
    no_hooks: bool,

    #[command(flatten)]
    keep: Keep,
}

/// Rolls back, or shows what a rollback would do.
pub(crate) fn run(session: &Session, arguments: &Rollback) -> Result<Exit, CommandError> {
    let stack = session.place()?;
    let parts = if arguments.updates { Parts::RollbackOfUpdate } else { Parts::Rollback };
    let world = World::of_run(session, &stack, parts);
    session.block_on(async |cancel| {
        let context = world.context(cancel);
        let mut options = RollbackOptions {
            target: arguments.release.clone(),
            updates: arguments.updates,
            wait_timeout: arguments.proving.wait_timeout(),
            rehearsal: arguments.proving.rehearsal(),
            monitor: arguments.monitor,
            retention: arguments.keep.retention(),
            leave_files: arguments.leave_files,
            data: !arguments.no_data,
            hooks: !arguments.no_hooks,
            with_data: arguments.with_data,
            stays: false,
        };
        if arguments.dry_run {
            return session.planned(&stack, rollback::plan(&context, &stack, &options).await);
        }
        if !arguments.yes {
            options.target = Some(match &arguments.release {
                Some(name) => confirm(session, &context, &stack, arguments, name).await?,
                None => choose(session, &context, &stack, arguments.updates).await?,
            });
        }
        if arguments.with_data && !arguments.yes {
            let at = data_of(session, &context, &stack, options.target.as_deref()).await?;
            session
                .confirm(&t!(session.lang, "ask-rollback-data", at = at), &context.cancel)
                .await?;
        }
        let mut ended = rollback::run(&context, &stack, &options).await;
        if let Err(Error::NotWhole { lost, .. }) = &ended
            && !arguments.yes
            && session.is_interactive()
        {
            session.print([t!(session.lang, "ask-leave-files-these")]);
            session
                .print(lost.iter().map(|lost| format!("  {}", ui::lost::lost(session.lang, lost))));
            session.confirm(&t!(session.lang, "ask-leave-files"), &context.cancel).await?;
            options.leave_files = true;
            ended = rollback::run(&context, &stack, &options).await;
        }
        let is_back = ended.as_ref().is_ok_and(|report| report.outcome == Outcome::Deployed);
        let exit = session.ended(ended)?;
        if is_back {
            tell_git(session, &stack);
        }
        Ok(exit)
    })
}

/// Of which moment the data of a release is: the oldest one of its sets.
async fn data_of(
    session: &Session,
    context: &Context,
    stack: &StackRef,
    name: Option<&str>,
) -> Result<String, CommandError> {
    let found = backups::list(context, stack).await.map_err(|error| session.error(&error))?;
    let entry = match name {
        Some(name) => found.catalog.find(name, &found.layout),
        None => found.catalog.previous(),
    };
    let folder = entry.map_err(|error| session.error(&error))?.folder.clone();
    let held = data::list(context, stack).await.map_err(|error| session.error(&error))?;
    let mine = held.iter().filter(|held| held.folder == folder).flat_map(|held| &held.sets);
    let oldest = mine.map(|saved| saved.at.as_str()).min();
    Ok(oldest.map_or_else(|| ui::time::of_folder(&folder), ui::time::local))
}

/// Which tracked files now differ: the next `git pull` would stop at them.
fn tell_git(session: &Session, stack: &StackRef) {
    if session.json() {
        return;
    }
    let (lang, changed) = (session.lang, git::changed(&stack.directory));
    if changed.is_empty() {
        return;
    }
    let wording = session.wording(Some(stack));
    let files: Vec<String> = changed.iter().map(|path| ui::clean::line(path)).collect();
    session.print([
        String::new(),
        wording.warning(&t!(lang, "git-differs", files = files.join(", "))),
        format!("    {}", t!(lang, "git-differs-hint", files = files.join(" "))),
    ]);
}

async fn confirm(
    session: &Session,
    context: &Context,
    stack: &StackRef,
    arguments: &Rollback,
    name: &str,
) -> Result<String, CommandError> {
    let lang = session.lang;
    session.needs_somebody()?;
    let question = if arguments.updates {
        let found = backups::list(context, stack).await;
        let backups::Listing { catalog, layout, .. } =
            found.map_err(|error| session.error(&error))?;
        let entry = catalog.find_update(name, &layout).map_err(|error| session.error(&error))?;
        let services = entry.services.join(", ");
        t!(lang, "ask-rollback-services", services = services, release = &entry.folder)
    } else {
        t!(lang, "ask-rollback", release = name)
    };
    session.confirm(&question, &context.cancel).await?;
    Ok(name.to_owned())
}

/// The guide's list. Who picks a number from it has said what is to happen, and is not asked again.
async fn choose(
    session: &Session,
    context: &Context,
    stack: &StackRef,
    updates: bool,
) -> Result<String, CommandError> {
    let lang = session.lang;
    if !session.is_interactive() {
        let hint = t!(lang, "usage-needs-release");
        return Err(CommandError::usage(hint));
    }
    let found = backups::list(context, stack).await;
    let catalog = found.map_err(|error| session.error(&error))?.catalog;
    let wording = session.wording(Some(stack));
    let (folders, lines): (Vec<&str>, Vec<String>) = if updates {
        let found = catalog.updates();
        let folders = found.iter().map(|entry| entry.folder.as_str()).collect();
        (folders, ui::backups::updates(&wording, &found))
    } else {
        let folders = catalog.entries.iter().map(|entry| entry.folder.as_str()).collect();
        (folders, ui::backups::choices(&wording, &catalog))
    };
    let count = folders.len();
    if count == 0 {
        return Err(session.error(&Error::NoEarlierRelease));
    }
    session.print(lines);
    session.print([String::new()]);
    let screen = session.screen();
    loop {
        let question = t!(lang, "ask-backup", count = count);
        let answer = prompt::ask(&*screen, &question, &context.cancel).await;
        let Some(answer) = answer.filter(|answer| !answer.is_empty()) else {
            return Err(session.declined(&context.cancel));
        };
        let number = answer.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        if let Some(folder) = number.and_then(|number| folders.get(number)) {
            screen.line("");
            return Ok((*folder).to_owned());
        }
        screen.line(&t!(lang, "not-a-choice", answer = answer, count = count));
    }
}
