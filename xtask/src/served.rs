//! Programs for the images that end-to-end tests make of them: packages that are only unpacked, with all that they need.

use crate::beside::{Source, Unpacked};
use crate::failure::Result;
use crate::ui;
use std::process::Command;

/// What tests are told of by a variable.
pub(crate) struct Served {
    /// The folder below `target/engines`.
    name: &'static str,
    packages: &'static [&'static str],
    variable: &'static str,
    /// What a warning says where they can't be had.
    left_out: &'static str,
}

pub(crate) const NGINX: Served = Served {
    name: "nginx",
    packages: &["nginx"],
    variable: "BACKSTAY_NGINX",
    left_out: "nginx can't be had, its test is left out",
};

/// Database servers, and a file system with reflinks.
pub(crate) const SERVERS: Served = Served {
    name: "servers",
    packages: &[
        "postgresql-17",
        "mariadb-server",
        "valkey-server",
        "sqlite3",
        "busybox-static",
        "btrfs-progs",
    ],
    variable: "BACKSTAY_SERVERS",
    left_out: "the servers can't be had, their tests are left out",
};

impl Served {
    /// Fetches them where they are not there.
    pub(crate) fn fetch(&self) -> Result<Unpacked> {
        Unpacked::whole(self.name, Source::Next, self.packages)
    }

    /// Tells the tests where they are, or warns where they can't be had.
    pub(crate) fn tell(&self, command: &mut Command) {
        match self.fetch() {
            Ok(unpacked) => {
                command.env(self.variable, unpacked.root());
            }
            Err(failure) => ui::warn(&format!("{}: {}", self.left_out, failure.what)),
        }
    }
}
