//! The engines that the tests are run on.

use crate::beside::{self, Seat, Store};
use crate::engine;
use crate::failure::Result;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Machine,
    Newest,
    NewestContainerd,
    Podman,
}

impl Kind {
    pub(super) const ALL: [Self; 4] =
        [Self::Machine, Self::Newest, Self::NewestContainerd, Self::Podman];

    /// As it is written after `--only`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Machine => "engine-26",
            Self::Newest => "engine-28",
            Self::NewestContainerd => "engine-28-containerd",
            Self::Podman => "podman",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Where it comes from.
    pub(super) const fn origin(self) -> &'static str {
        match self {
            Self::Machine => "what `cargo xtask engine` installs on Debian 12",
            Self::Newest | Self::NewestContainerd => "Debian's unstable suite",
            Self::Podman => "Debian 13, with `runc` and `cgroupfs`; Compose from unstable",
        }
    }

    /// Starts it.
    pub(super) fn start(self) -> Result<Seat> {
        match self {
            Self::Machine => engine::ensure().map(|()| Seat::machine()),
            Self::Newest => beside::newer(Store::Classic),
            Self::NewestContainerd => beside::newer(Store::Containerd),
            Self::Podman => beside::podman(),
        }
    }
}
