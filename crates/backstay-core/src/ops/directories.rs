//! The host folders of bind mounts: those that are missing are made, those that are there are looked at and never changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{mounts, preflight};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::event::{Event, Failure, Note};
use crate::plan::Step;
use crate::plan::Undo;
use crate::run::Run;
use crate::stack::{Model, MountKind, Service};
use crate::steps::directories::{self, Folder};
use crate::store::{EntryKind, Metadata, Owner, Store};

/// The permission bits of a new folder.
const MODE: u32 = 0o755;

/// Where nothing is ever made: these belong to the kernel.
const NEVER: [&str; 3] = ["/proc", "/sys", "/dev"];

/// What is known of the images that services are going to run.
pub(crate) enum Images<'a> {
    /// Only those are there that are not built: which user a service has is left open where its image decides it.
    Before,
    /// All of them, by service.
    Ready(&'a BTreeMap<String, Option<String>>),
}

/// A folder that a service mounts.
struct Mounted<'a> {
    service: &'a Service,
    path: &'a str,
    read_only: bool,
    ends_with_slash: bool,
}

/// Makes what is missing, as far as it is known whom it is for, and says what is to be said. `looked_at` are the services
/// that are done.
pub(crate) async fn ensure(
    run: &mut Run<'_>,
    model: &Model,
    files: &[String],
    images: &Images<'_>,
    looked_at: &mut BTreeSet<String>,
) -> Result<(), Failure> {
    let ctx = run.ctx;
    let tell = |note| ctx.reporter.report(&Event::Note { note });
    let info = ctx.engine.info().await?;
    if !preflight::is_local(&info.host) {
        // Its folders are on another machine.
        looked_at.extend(model.services.keys().cloned());
        return Ok(());
    }
    let mut folders: Vec<Folder> = Vec::new();
    let mut users: Vec<(Mounted<'_>, Option<Owner>)> = Vec::new();
    for mounted in mounted(model, files) {
        if looked_at.contains(&mounted.service.name) {
            continue;
        }
        let (known, owner) = owner(ctx, mounted.service, images).await?;
        if !known {
            continue;
        }
        let wanted = missing_of(&mounted, &*ctx.store)?;
        for path in wanted {
            if folders.iter().any(|folder| folder.path == path) {
                continue;
            }
            // Those above it are everybody's way.
            let owner = owner.filter(|_| path == mounted.path);
            folders.push(Folder { path, mode: MODE, owner });
        }
        users.push((mounted, owner));
    }
    let mut others = Vec::new();
    if !folders.is_empty() {
        let made: Vec<String> = folders.iter().map(|folder| folder.path.clone()).collect();
        let step = Step::Directories { paths: made.clone() };
        let effect = async { directories::apply(ctx, &folders).map_err(Failure::from) };
        let undo = Undo::Directories { made: Vec::new(), by_engine: made };
        let done = run.step(step, undo, effect).await?;
        others = done.others;
        done.made.into_iter().for_each(|path| tell(Note::DirectoryCreated { path }));
        done.left.into_iter().for_each(|path| tell(Note::DirectoryLeft { path }));
    }
    for (mounted, owner) in &users {
        let given = others.iter().any(|folder| folder.path == mounted.path);
        let path = Path::new(mounted.path);
        let found = ctx.store.metadata(path).map_err(|e| Error::io("reading", path, e))?;
        let can = found.is_none_or(|found| can_write(&found, *owner));
        if let Some(owner) = owner.filter(|_| !mounted.read_only && (given || !can)) {
            let (path, service) = (mounted.path.to_owned(), mounted.service.name.clone());
            tell(Note::DirectoryNotWritable { path, service, user: owner.user });
        }
        let is_file = found.is_some_and(|found| found.kind == EntryKind::File);
        if is_file && mounted.ends_with_slash {
            let (path, service) = (mounted.path.to_owned(), mounted.service.name.clone());
            tell(Note::DirectoryIsFile { path, service });
        }
    }
    if !users.is_empty() && folders.is_empty() && matches!(images, Images::Before) {
        tell(Note::DirectoriesPresent);
    }
    looked_at.extend(users.iter().map(|(mounted, _)| mounted.service.name.clone()));
    Ok(())
}

/// Takes note of the sources that are missing, so that what the engine makes of them goes again if the run is undone.
pub(crate) async fn note_missing(
    run: &mut Run<'_>,
    model: &Model,
    only: Option<&BTreeSet<String>>,
) -> Result<(), Failure> {
    let missing = left_to_engine(model, only, &*run.ctx.store);
    let missing = missing?;
    if missing.is_empty() {
        return Ok(());
    }
    let undo = Undo::Directories { made: Vec::new(), by_engine: missing.clone() };
    run.step(Step::Directories { paths: missing }, undo, async { Ok(()) }).await
}

/// The sources that are not there and that the engine is going to make.
fn left_to_engine(
    model: &Model,
    only: Option<&BTreeSet<String>>,
    store: &dyn Store,
) -> Result<Vec<String>> {
    let mut found: Vec<String> = Vec::new();
    let services = model.services.values();
    let services = services.filter(|service| only.is_none_or(|only| only.contains(&service.name)));
    let binds = services.flat_map(|service| &service.mounts);
    for mount in binds.filter(|mount| mount.kind == MountKind::Bind && mounts::is_looked_for(mount))
    {
        for path in missing(Path::new(&mount.source), store)? {
            if !found.contains(&path) {
                found.push(path);
            }
        }
    }
    Ok(found)
}

/// What [`ensure`] is going to make, whoever it is for.
pub(crate) fn outlook(model: &Model, files: &[String], store: &dyn Store) -> Result<Option<Step>> {
    let mut paths: Vec<String> = Vec::new();
    for mounted in mounted(model, files) {
        for path in missing_of(&mounted, store)? {
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
    }
    Ok((!paths.is_empty()).then_some(Step::Directories { paths }))
}

/// The folders on the way to a path that are missing, those above others first; with the path itself.
pub(crate) fn missing(path: &Path, store: &dyn Store) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for path in path.ancestors().filter(|path| !path.as_os_str().is_empty()) {
        if store.metadata(path).map_err(|error| Error::io("reading", path, error))?.is_some() {
            break;
        }
        // The root is there, though a fake disk has no entry for it.
        if path.parent().is_some() {
            found.push(path.to_string_lossy().into_owned());
        }
    }
    found.reverse();
    Ok(found)
}

fn missing_of(mounted: &Mounted<'_>, store: &dyn Store) -> Result<Vec<String>> {
    missing(Path::new(mounted.path), store)
}

/// The bind mounts that may be folders. `files` are those that this run makes.
fn mounted<'a>(model: &'a Model, files: &'a [String]) -> impl Iterator<Item = Mounted<'a>> {
    let all = model.services.values().flat_map(|service| {
        let binds = service.mounts.iter().filter(|mount| mount.kind == MountKind::Bind);
        binds.map(move |mount| Mounted {
            service,
            path: &mount.source,
            read_only: mount.read_only,
            ends_with_slash: mount.target.ends_with('/'),
        })
    });
    all.filter(|mounted| {
        let path = Path::new(mounted.path);
        let is_ours = files.iter().any(|file| path.ends_with(file));
        let is_kernels = NEVER.iter().any(|root| path.starts_with(root));
        path.is_absolute() && !is_ours && !is_kernels && !mounted.path.ends_with(".sock")
    })
}

/// Whether a service's image decides who it is, and is built first.
fn is_open(service: &Service) -> bool {
    declared(service).is_none() && service.is_application()
}

/// Whether it is known whom a service's folders are for, and whom. Root needs none of its own.
async fn owner(
    ctx: &Context,
    service: &Service,
    images: &Images<'_>,
) -> Result<(bool, Option<Owner>), Failure> {
    if let Some(user) = declared(service) {
        return Ok((true, numeric(&user)));
    }
    let refuse = |error| Failure::from(error).at(&service.name);
    let user = match images {
        Images::Before if is_open(service) => return Ok((false, None)),
        Images::Before => ctx.engine.image_detail(&service.image, None).await.map_err(refuse)?,
        Images::Ready(by_service) => {
            let image = by_service.get(&service.name).and_then(Option::as_ref);
            match image {
                Some(image) => ctx.engine.image_detail(image, None).await.map_err(refuse)?,
                None => None,
            }
        }
    };
    let user = user.map(|detail| detail.user);
    // An image that is pulled first is looked at then.
    Ok((user.is_some() || matches!(images, Images::Ready(_)), user.as_deref().and_then(numeric)))
}

/// `user:`
fn declared(service: &Service) -> Option<String> {
    let user = service.raw.get("user")?;
    user.as_str().map(str::to_owned).or_else(|| user.as_u64().map(|id| id.to_string()))
}

/// `1000`, `1000:1000`, `1000:staff`.
fn numeric(user: &str) -> Option<Owner> {
    let (user, group) = user.split_once(':').map_or((user, None), |(u, g)| (u, Some(g)));
    Some(Owner { user: user.parse().ok()?, group: group.and_then(|group| group.parse().ok()) })
}

/// Whether a user can write a folder, as far as its permission bits say.
fn can_write(found: &Metadata, owner: Option<Owner>) -> bool {
    let (Some(owner), Some((user, group))) = (owner, found.owner) else { return true };
    if owner.user == 0 || found.kind != EntryKind::Directory {
        return true;
    }
    let bits = if owner.user == user {
        found.mode >> 6
    } else if owner.group == Some(group) {
        found.mode >> 3
    } else {
        found.mode
    };
    bits & 0o3 == 0o3
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn users_are_read_where_they_are_numbers() {
        let owner = |user, group| Some(Owner { user, group });
        assert_eq!(numeric("1000"), owner(1000, None));
        assert_eq!(numeric("1000:50"), owner(1000, Some(50)));
        assert_eq!(numeric("1000:staff"), owner(1000, None));
        assert_eq!((numeric("app"), numeric("")), (None, None));
    }

    #[test]
    fn the_bits_of_a_folder_say_who_can_write_it() {
        let can = |mode, user, group| {
            let owner = Some((1000, 50));
            let kind = EntryKind::Directory;
            let modified = SystemTime::UNIX_EPOCH;
            let found = Metadata { kind, len: 0, mode, modified, owner };
            can_write(&found, Some(Owner { user, group }))
        };
        assert!(can(0o755, 1000, None) && can(0o755, 0, None) && can(0o777, 7, None));
        assert!(!can(0o755, 7, None) && !can(0o555, 1000, None) && !can(0o755, 7, Some(50)));
        assert!(can(0o775, 7, Some(50)));
    }
}
