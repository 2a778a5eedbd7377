//! Which old containers stay up after a commit, until when: the record of it, for whoever goes back and whoever ends them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::store::{Store, own_file};

/// The version of the format. The first one had nothing that only finishes.
const FORMAT: u32 = 2;

/// Old containers that are still up. Nobody is led to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warm {
    /// The version of the format: 2.
    pub format: u32,
    /// The run that replaced them.
    pub run: String,
    /// The release that they are of.
    pub release: String,
    /// The command that goes back to it.
    #[serde(default = "plainly")]
    pub command: String,
    /// The id of the gateway that can lead to them.
    pub gateway: String,
    /// The containers.
    pub containers: Vec<WarmContainer>,
    /// Those of an earlier release, which only finish what is under way: nobody goes back to them.
    #[serde(default)]
    pub finishing: Vec<WarmContainer>,
}

/// What it was before it was on record.
fn plainly() -> String {
    "backstay rollback".to_owned()
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarmContainer {
    /// Its service.
    pub service: String,
    /// Its id.
    pub id: String,
    /// What it is called in the gateway's figures: its run.
    pub former: String,
    /// The ports to which the gateway leads.
    pub ports: Vec<u16>,
    /// Until when it stays.
    pub until: Timestamp,
}

impl Warm {
    /// A record without containers.
    pub(crate) fn new(run: &str, release: &str, command: String) -> Self {
        Self {
            format: FORMAT,
            run: run.to_owned(),
            release: release.to_owned(),
            command,
            gateway: String::new(),
            containers: Vec::new(),
            finishing: Vec::new(),
        }
    }

    /// Reads it; `None` where there is none, or none that this version understands: then nothing is known to be warm.
    #[must_use]
    pub fn read(layout: &Layout, store: &dyn Store) -> Option<Self> {
        let bytes = own_file(&layout.warm(), store).ok()?;
        serde_json::from_slice::<Self>(&bytes)
            .ok()
            .filter(|found| (1..=FORMAT).contains(&found.format))
    }

    /// All that are up.
    pub fn all(&self) -> impl Iterator<Item = &WarmContainer> {
        self.containers.iter().chain(&self.finishing)
    }

    /// Until when the last one of them stays.
    #[must_use]
    pub fn until(&self) -> Option<Timestamp> {
        self.all().map(|container| container.until).max()
    }

    /// Whether a container is to stay at this time.
    #[must_use]
    pub fn keeps(&self, id: &str, now: Timestamp) -> bool {
        self.all().any(|container| container.id == id && now < container.until)
    }

    /// Writes it.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(crate) fn write(&self, layout: &Layout, store: &dyn Store) -> Result<()> {
        let (path, bytes) = (layout.warm(), serde_json::to_vec(self).unwrap_or_default());
        store.write(&path, &bytes, 0o600).map_err(|error| Error::io("writing", &path, error))
    }
}

/// Takes the record away. Idempotent.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn forget(layout: &Layout, store: &dyn Store) -> Result<()> {
    let path = layout.warm();
    let there = store.metadata(&path).map_err(|error| Error::io("reading", &path, error))?;
    match there {
        None => Ok(()),
        Some(_) => store.remove_file(&path).map_err(|error| Error::io("removing", &path, error)),
    }
}
