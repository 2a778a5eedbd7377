//! The list of saved data.

use crate::context::Context;
use crate::data;
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::release::{Catalog, is_pinned};
use crate::stack::StackRef;
use crate::state::find;

pub use crate::data::SavedData;

/// The data of one backup.
#[derive(Debug)]
pub struct Held {
    /// The backup's folder.
    pub folder: String,
    /// The release that ran with it, where that can be read.
    pub release: Option<String>,
    /// Whether the backup is pinned.
    pub pinned: bool,
    /// The sets, by name.
    pub sets: Vec<SavedData>,
    /// What is wrong with the record of them.
    pub flaw: Option<Error>,
}

/// All data that is kept, newest first.
///
/// # Errors
/// When the folder can't be read, or nobody knows where it is.
pub async fn list(ctx: &Context, stack: &StackRef) -> Result<Vec<Held>> {
    let layout = find(ctx, stack).await?.layout;
    held(ctx, &layout)
}

/// The data that a person means, by the name of its backup as [`Catalog::find`] takes it; without one the newest.
///
/// # Errors
/// [`Error::NoData`] where none is kept, [`Error::Incomplete`] where the backup has none, [`Error::NoRelease`].
pub async fn meant(ctx: &Context, stack: &StackRef, name: Option<&str>) -> Result<Held> {
    let layout = find(ctx, stack).await?.layout;
    let folder = match name {
        Some(name) => {
            let (catalog, _) = Catalog::look(&layout, &*ctx.store)?;
            catalog.find(name, &layout)?.folder.clone()
        }
        None => newest(ctx, &layout)?,
    };
    let mut all = held(ctx, &layout)?.into_iter();
    all.find(|held| held.folder == folder).ok_or_else(|| Error::Incomplete {
        release: folder,
        missing: vec!["no data was saved with it".to_owned()],
    })
}

/// The newest backup that has data.
///
/// # Errors
/// [`Error::NoData`], or what is damaged.
pub(crate) fn newest(ctx: &Context, layout: &Layout) -> Result<String> {
    for entry in Catalog::entries(layout, &*ctx.store)? {
        let is_release = entry.release().is_some();
        if is_release && data::read(&layout.backup(&entry.folder), &*ctx.store)?.is_some() {
            return Ok(entry.folder);
        }
    }
    Err(Error::NoData)
}

/// The same, of a place.
pub(super) fn held(ctx: &Context, layout: &Layout) -> Result<Vec<Held>> {
    let store = &*ctx.store;
    let mut all = Vec::new();
    for entry in Catalog::entries(layout, store)? {
        let (sets, flaw) = match data::read(&layout.backup(&entry.folder), store) {
            Ok(None) => continue,
            Ok(Some(record)) => (record.sets.into_values().collect(), None),
            Err(error) => (Vec::new(), Some(error)),
        };
        all.push(Held {
            release: entry.release().map(|folder| folder.release.id.clone()),
            pinned: is_pinned(layout, &entry.folder, store),
            folder: entry.folder,
            sets,
            flaw,
        });
    }
    Ok(all)
}
