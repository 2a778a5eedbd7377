//! Which backup is meant.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::ops::options::RollbackOptions;
use crate::release::{Catalog, Entry, EntryState, ReleaseFolder};
use crate::store::Store;

/// What is kept. Going back is a way out of a damaged record of what runs too: what runs is then recorded anew, as a stack
/// is that ran without us. Which release comes before it is not known then, and has to be said.
pub(crate) fn look(
    layout: &Layout,
    options: &RollbackOptions,
    store: &dyn Store,
) -> Result<(Catalog, Option<Error>)> {
    let (catalog, flaw) = Catalog::look(layout, store)?;
    match flaw {
        Some(error @ Error::TooNew { .. }) => Err(error),
        Some(error) if options.stays => Err(error),
        Some(error) if catalog.current.is_none() && options.target.is_none() => Err(error),
        flaw => Ok((catalog, flaw)),
    }
}

/// The backup that is meant, and which of its services.
pub(crate) struct Chosen {
    pub folder: ReleaseFolder,
    pub only: Option<BTreeSet<String>>,
}

fn entry<'a>(
    catalog: &'a Catalog,
    layout: &Layout,
    options: &RollbackOptions,
) -> Result<&'a Entry> {
    match (&options.target, options.updates) {
        (Some(name), false) => catalog.find(name, layout),
        (None, false) => catalog.previous(),
        (Some(name), true) => catalog.find_update(name, layout),
        (None, true) => catalog.previous_update(),
    }
}

/// The backup that is meant, where the old scripts wrote it.
pub(crate) fn old<'a>(
    catalog: &'a Catalog,
    layout: &Layout,
    options: &RollbackOptions,
) -> Result<Option<&'a Entry>> {
    if options.stays {
        return Ok(None);
    }
    let entry = entry(catalog, layout, options)?;
    Ok(matches!(entry.state, EntryState::Plain).then_some(entry))
}

pub(crate) fn target(
    catalog: &Catalog,
    layout: &Layout,
    options: &RollbackOptions,
    store: &dyn Store,
) -> Result<Chosen> {
    if options.stays {
        let folder = catalog.recorded().cloned().ok_or(Error::NoData)?;
        return Ok(Chosen { folder, only: None });
    }
    let entry = entry(catalog, layout, options)?;
    Ok(Chosen {
        folder: entry.good(layout, store)?.clone(),
        only: options.updates.then(|| services_of(entry)).transpose()?,
    })
}

/// The folder of the backup whose data is to come back.
pub(super) fn data_at(
    catalog: &Catalog,
    layout: &Layout,
    options: &RollbackOptions,
) -> Result<PathBuf> {
    Ok(layout.backup(&entry(catalog, layout, options)?.folder))
}

/// The services of an update's backup.
///
/// # Errors
/// [`Error::Incomplete`] where the backup does not name them.
pub(crate) fn services_of(entry: &Entry) -> Result<BTreeSet<String>> {
    if entry.services.is_empty() {
        let missing = vec!["`services.txt` names no service".to_owned()];
        return Err(Error::Incomplete { release: entry.folder.clone(), missing });
    }
    Ok(entry.services.iter().cloned().collect())
}
