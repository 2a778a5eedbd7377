//! What is to become of the file, from what the user says now, what the files say, and what it says already.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::file;
use crate::compose_version::{self, OVERRIDES};
use crate::context::Context;
use crate::error::{Error, GatewayRefusal, Result};
use crate::event::Failure;
use crate::ops::{placing, preflight};
use crate::plan::Step;
use crate::release::FileRecord;
use crate::run::Run;
use crate::stack::{Model, StackRef};
use crate::steps::files::{self, FileChange};
use crate::store::{Store, is_there, text_through};

/// What is to become of the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum GatewayChoice {
    /// What the files say, and what was chosen before.
    #[default]
    Keep,
    /// It holds the host ports of these services too; of all that can be, where none is named.
    Enable {
        /// Their names.
        services: BTreeSet<String>,
    },
    /// It does not hold those of these services any more; of none, where none is named.
    Disable {
        /// Their names.
        services: BTreeSet<String>,
    },
}

/// The permission bits of the file: like the user's own, everybody may read it.
const MODE: u32 = 0o644;

/// The stack with the file among its own where it is to have one, and without it where not.
///
/// # Errors
/// [`Error::Gateway`] where Compose would not read a file of its own beside the stack's.
pub async fn addressed(
    ctx: &Context,
    stack: &StackRef,
    choice: &GatewayChoice,
) -> Result<StackRef> {
    let store = &*ctx.store;
    let there = file::of(stack, store)?;
    match choice {
        GatewayChoice::Disable { services } if services.is_empty() => without(stack, store),
        GatewayChoice::Keep if there.is_none() && !is_wanted(ctx, stack).await => Ok(stack.clone()),
        _ if there.is_some() => Ok(stack.clone()),
        GatewayChoice::Disable { .. } => Ok(stack.clone()),
        _ => {
            let Some(place) = file::place(stack) else {
                let name = file::NAMED.to_owned();
                return Err(Error::Gateway(GatewayRefusal::NoPlace { name }));
            };
            let mut stack = stack.clone();
            stack.files.push(place);
            Ok(stack)
        }
    }
}

/// Whether the files themselves ask for the gateway. Those that can't be read yet don't.
async fn is_wanted(ctx: &Context, stack: &StackRef) -> bool {
    if !may_be_wanted(stack, &*ctx.store) {
        return false;
    }
    let Ok((model, _)) = preflight::model(ctx, stack).await else { return false };
    file::able(&model).into_iter().any(|name| model.gateway.of(name).enabled == Some(true))
}

/// Whether one of them may ask for it: what it says exactly is known when Compose has read it.
fn may_be_wanted(stack: &StackRef, store: &dyn Store) -> bool {
    stack.files.iter().any(|file| {
        let text = text_through(file, store).ok().flatten().unwrap_or_default();
        let mut lines = text.lines().map(str::trim_start).filter(|line| !line.starts_with('#'));
        text.contains("x-backstay") && lines.any(|line| line.contains("gateway"))
    })
}

/// The file, relative to the stack's folder, where a release has none among its files.
pub(crate) fn obsolete(
    stack: &StackRef,
    files: &[FileRecord],
    store: &dyn Store,
) -> Result<Option<String>> {
    let is_ours_inside =
        |ours: &PathBuf| !file::is_named(ours) && ours.starts_with(&stack.directory);
    let ours = file::of(stack, store)?.filter(is_ours_inside);
    let path = ours.map(|ours| inside(stack, &ours));
    Ok(path.filter(|path| files.iter().all(|file| file.path != *path)))
}

/// The stack without the file.
fn without(stack: &StackRef, store: &dyn Store) -> Result<StackRef> {
    Ok(file::of(stack, store)?.map_or_else(|| stack.clone(), |ours| bare(stack, &ours)))
}

/// The stack with the files that Compose finds by their names now, where it was found so: the one for the gateway may have come or gone.
pub(crate) fn found(stack: &StackRef, store: &dyn Store) -> Result<StackRef> {
    let mut found = stack.clone();
    if !stack.caller.by_name {
        return Ok(found);
    }
    let Some((first, beside)) = stack.files.split_first() else { return Ok(found) };
    found.files = vec![first.clone()];
    for file in beside {
        if is_there(file, store)? {
            found.files.push(file.clone());
        }
    }
    if let Some(place) = file::place(&found)
        && is_there(&place, store)?
    {
        found.files.push(place);
    }
    Ok(found)
}

/// The stack as it can be read now: a file that is only to be written is left out.
pub(crate) fn readable(stack: &StackRef, store: &dyn Store) -> Result<StackRef> {
    Ok(match stack.files.split_last() {
        Some((last, others)) if !others.is_empty() && !is_there(last, store)? => {
            StackRef { files: others.to_vec(), ..stack.clone() }
        }
        _ => stack.clone(),
    })
}

/// What has to change in the file; `None` where it is as it should be.
///
/// # Errors
/// [`Error::Gateway`] for services that it can't hold a port for, and what Compose says.
pub(crate) async fn change(
    ctx: &Context,
    stack: &StackRef,
    choice: &GatewayChoice,
) -> Result<Option<FileChange>> {
    let store = &*ctx.store;
    let path = match (choice, file::of(stack, store)?, stack.files.last()) {
        (_, Some(path), _) => path,
        // It has been taken off the list already.
        (GatewayChoice::Disable { .. }, None, Some(_)) => match beside(stack, store)? {
            Some(path) => path,
            None => return Ok(None),
        },
        (_, None, Some(last)) if !is_there(last, store)? => last.clone(),
        _ => return Ok(None),
    };
    let before = files::content(&path, store)?;
    let said = file::read(&path, store)?;
    let bare = bare(stack, &path);
    let (wanted, all, model) = if matches!(choice, GatewayChoice::Disable { services } if services.is_empty())
    {
        (BTreeSet::new(), false, None)
    } else {
        let (model, _) = preflight::model(ctx, &bare).await?;
        let (wanted, all) = wanted(&model, choice, &said)?;
        (wanted, all, Some(model))
    };
    let content = match &model {
        Some(model) if !wanted.is_empty() => Some(file::text(model, &wanted, all)),
        // The user's list of files has it, and Compose reads no file that is empty.
        _ if file::is_named(&path) => Some("services: {}\n".to_owned()),
        _ => None,
    };
    let mode = before.as_ref().map_or(MODE, |(_, mode)| *mode);
    if !wanted.is_empty() {
        old_enough(&ctx.engine.info().await?.compose)?;
    }
    let content = content.map(|text| (text.into_bytes(), mode));
    if content == before {
        return Ok(None);
    }
    Ok(Some(FileChange { path: inside(stack, &path), content, before }))
}

/// The file where Compose finds it, where it is there and ours.
fn beside(stack: &StackRef, store: &dyn Store) -> Result<Option<PathBuf>> {
    let Some(place) = file::place(stack) else { return Ok(None) };
    let ours = StackRef { files: vec![place], ..stack.clone() };
    file::of(&ours, store)
}

/// A file as it is named in records: relative to the stack's folder, where it lies in there.
fn inside(stack: &StackRef, path: &Path) -> String {
    let inside = path.strip_prefix(&stack.directory).unwrap_or(path);
    inside.to_string_lossy().replace('\\', "/")
}

/// The stack without a file.
fn bare(stack: &StackRef, path: &Path) -> StackRef {
    let files = stack.files.iter().filter(|file| file.as_path() != path).cloned().collect();
    StackRef { files, ..stack.clone() }
}

/// The services that are to be behind the gateway, and whether those are all that can be.
fn wanted(
    model: &Model,
    choice: &GatewayChoice,
    said: &file::Said,
) -> Result<(BTreeSet<String>, bool)> {
    let able = file::able(model);
    let allowed = |name: &str| model.gateway.of(name).enabled != Some(false);
    let every = || able.iter().filter(|name| allowed(name)).map(|name| (*name).to_owned());
    let asked = able.iter().filter(|name| model.gateway.of(name).enabled == Some(true));
    let mut found: BTreeSet<String> = asked.map(|name| (*name).to_owned()).collect();
    let stay = said.services.iter().filter(|name| able.contains(name.as_str()));
    found.extend(stay.filter(|name| allowed(name)).cloned());
    let mut all = said.all;
    match choice {
        GatewayChoice::Keep => {}
        GatewayChoice::Enable { services } if services.is_empty() => all = true,
        GatewayChoice::Enable { services } => {
            for name in services {
                if !model.services.contains_key(name) {
                    return Err(Error::Gateway(GatewayRefusal::NoService {
                        service: name.clone(),
                    }));
                }
                if !able.contains(name.as_str()) {
                    return Err(Error::Gateway(GatewayRefusal::NoPort { service: name.clone() }));
                }
                found.insert(name.clone());
            }
        }
        GatewayChoice::Disable { services } => {
            all = false;
            found.retain(|name| !services.contains(name));
        }
    }
    if all {
        found.extend(every());
    }
    if matches!(choice, GatewayChoice::Enable { .. }) && found.is_empty() {
        return Err(Error::Gateway(GatewayRefusal::Nothing));
    }
    Ok((found, all))
}

/// Whether Compose knows how to take a list away: `!override`.
fn old_enough(version: &str) -> Result<()> {
    if compose_version::parse(version) >= OVERRIDES {
        return Ok(());
    }
    let (major, minor, patch) = OVERRIDES;
    let needed = format!("{major}.{minor}.{patch}");
    Err(Error::Gateway(GatewayRefusal::OldCompose { found: version.to_owned(), needed }))
}

/// Writes the file, or takes it away, as a step of the run.
pub(crate) async fn place(
    run: &mut Run<'_>,
    stack: &StackRef,
    change: &FileChange,
) -> std::result::Result<(), Failure> {
    let step = Step::GatewayFile { path: change.path.clone() };
    placing::put(run, stack, "gateway-", step, std::slice::from_ref(change)).await
}
