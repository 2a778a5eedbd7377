//! Engines beside the machine's own: from packages that are only unpacked, with a network, a socket and data of their own.
//! The machine's engine, firewall and packages are left alone.

mod dockerd;
mod home;
mod newest;
mod packages;
mod podman;
mod seat;
mod versions;

pub(crate) use dockerd::Store;
pub(crate) use newest::newest;
pub(crate) use packages::{Source, Unpacked};
pub(crate) use seat::Seat;
pub(crate) use versions::Versions;

use crate::failure::Result;

/// The machine's own engine and Compose, with another store for images.
pub(crate) fn own(store: Store) -> Result<Seat> {
    dockerd::start("own", None, store)
}

/// The newest engine and Compose that the distribution has anywhere.
pub(crate) fn newer(store: Store) -> Result<Seat> {
    let packages = packages::newest_engine()?;
    dockerd::start("newest", Some(&packages), store)
}

/// Fetches what [`newer`] needs, where it can be had.
pub(crate) fn fetch() -> Result<Unpacked> {
    packages::newest_engine()
}

/// Podman's socket, with the newest Compose.
pub(crate) fn podman() -> Result<Seat> {
    let (engine, client) = (packages::podman()?, packages::newest_engine()?);
    podman::start(&engine, &client)
}
