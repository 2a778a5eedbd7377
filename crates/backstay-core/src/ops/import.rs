//! `backups import`: a release from a file becomes a backup of this engine and project. Nothing of it can be seen before all of it
//! has been read and checked; the backup gets its name last.

use super::finish::collect_images;
use super::recover::lock;
use crate::archive::{Incoming, Unpacked, Unpacking};
use crate::context::Context;
use crate::error::{Error, Obstacle, Result};
use crate::layout::Layout;
use crate::lock::Guard;
use crate::release::{Catalog, Entry, Release, is_backup_name, pin_at, stamp};
use crate::stack::StackRef;
use crate::state::find;
use crate::vault::{RESERVE, Vault};

/// A place that is ready for a release.
pub struct Import {
    _guard: Guard,
    layout: Layout,
    engine: String,
}

/// What a release has become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The backup's name.
    pub folder: String,
    /// The release's id.
    pub release: String,
    /// How many images it has.
    pub images: usize,
}

impl Import {
    /// Gets the place ready, where the release is of the project that is meant, and there is room.
    ///
    /// # Errors
    /// [`Error::OtherProject`], [`Error::NotReady`], or when a run holds the lock or the engine does not answer.
    pub async fn begin(ctx: &Context, stack: &StackRef, incoming: &Incoming) -> Result<Self> {
        ctx.engine.info().await?;
        let found = find(ctx, stack).await?;
        if found.project != incoming.project() {
            return Err(Error::OtherProject {
                file: incoming.file().to_owned(),
                theirs: incoming.project().to_owned(),
                ours: found.project,
            });
        }
        let root = found.layout.root();
        let free = ctx.store.available(root).map_err(|error| Error::io("reading", root, error))?;
        let vault = Vault::new(found.layout.vault(), ctx.store.clone());
        let needed = incoming.needs(&vault).saturating_add(RESERVE);
        if free < needed {
            let path = root.to_owned();
            return Err(Error::NotReady(vec![Obstacle::DiskFull { path, free, needed }]));
        }
        let (guard, layout) = lock(ctx, &found.layout)?;
        let import = Self { _guard: guard, layout, engine: found.engine };
        // What a crash left.
        import.clear(ctx)?;
        Ok(import)
    }

    /// Where the file is unpacked.
    pub fn place(&self, ctx: &Context) -> Unpacking {
        let vault = Vault::new(self.layout.vault(), ctx.store.clone());
        Unpacking::new(self.layout.importing(), vault, ctx.store.clone())
    }

    /// Makes a backup of what was unpacked. It is pinned: it may be older than what the rules keep. Where nothing was unpacked,
    /// or that fails, nothing is left of it.
    ///
    /// # Errors
    /// That of the unpacking, or of the disk.
    pub fn finish(self, ctx: &Context, unpacked: Result<Unpacked>) -> Result<Imported> {
        let done = unpacked.and_then(|unpacked| self.take(ctx, unpacked));
        let cleared = self.clear(ctx);
        // What tools see of the vault; and images of a release that did not come. The next run does so, too.
        drop(collect_images(ctx, &self.layout));
        let imported = done?;
        cleared?;
        Ok(imported)
    }

    fn take(&self, ctx: &Context, unpacked: Unpacked) -> Result<Imported> {
        let (store, layout) = (&*ctx.store, &self.layout);
        let (catalog, _) = Catalog::look(layout, store)?;
        let mut release = unpacked.release.release.clone();
        place(&mut release, &self.engine, &catalog);
        let from = &unpacked.release.path;
        let manifest = from.join("release.json");
        let io = |error| Error::io("writing", &manifest, error);
        let bytes = release.encode().map_err(|error| io(error.into()))?;
        store.write(&manifest, &bytes, 0o600).map_err(io)?;
        pin_at(from, store)?;
        let vault = Vault::new(layout.vault(), ctx.store.clone());
        for (image, list) in &unpacked.lists {
            vault.take(image, list, &unpacked.blobs)?;
        }
        let folder = free_name(ctx, &unpacked.contents.folder, &catalog, layout)?;
        let to = layout.backup(&folder);
        store.rename(from, &to).map_err(|error| Error::io("renaming", &to, error))?;
        Ok(Imported { folder, release: release.id, images: unpacked.lists.len() })
    }

    fn clear(&self, ctx: &Context) -> Result<()> {
        let folder = self.layout.importing();
        ctx.store.remove_dir(&folder).map_err(|error| Error::io("removing", &folder, error))
    }
}

/// Makes a record that of this engine, with a place in its history. Its own place it has only where that can't be mistaken: in the
/// history that it comes from, or where there is none yet. Else it comes last, and `rollback` without a name does not choose it.
fn place(release: &mut Release, engine: &str, catalog: &Catalog) {
    let is_from_here = release.engine.as_deref() == Some(engine);
    let entries = catalog.entries.iter().filter_map(Entry::release);
    let mut all = entries.chain(&catalog.current).map(|folder| &folder.release).peekable();
    let is_first = all.peek().is_none();
    let is_taken = all.any(|other| {
        other.sequence == release.sequence && !(other.id == release.id && other.is_same_as(release))
    });
    release.engine = Some(engine.to_owned());
    // All of its images are in the vault now.
    release.services.values_mut().for_each(|service| service.pulled = None);
    if !is_taken && (is_from_here || is_first) {
        return;
    }
    release.sequence = catalog.next_sequence();
    release.id = Catalog::id_of(release.sequence);
    release.parent = catalog.current.as_ref().map(|folder| folder.release.sequence);
}

/// The backup's own name, or where that is taken one that is free.
fn free_name(ctx: &Context, name: &str, catalog: &Catalog, layout: &Layout) -> Result<String> {
    let path = layout.backup(name);
    let found = ctx.store.metadata(&path).map_err(|error| Error::io("reading", &path, error))?;
    if found.is_none() && !catalog.has_stamp(stamp(name)) && is_backup_name(name) {
        return Ok(name.to_owned());
    }
    let free = catalog.free_name(&*ctx.clock);
    Ok(if stamp(name) == name { free } else { format!("update_{free}") })
}
