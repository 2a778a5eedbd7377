//! Database servers, for the images that end-to-end tests make of them: packages that are only unpacked, with all that they need.

use crate::beside::{Source, Unpacked};
use crate::failure::Result;
use crate::ui;
use std::process::Command;

const PACKAGES: [&str; 5] =
    ["postgresql-17", "mariadb-server", "valkey-server", "sqlite3", "busybox-static"];

/// Fetches them where they are not there.
pub(crate) fn fetch() -> Result<Unpacked> {
    Unpacked::whole("servers", Source::Next, &PACKAGES)
}

/// Tells the tests where they are, or warns where they can't be had.
pub(crate) fn tell(command: &mut Command) {
    match fetch() {
        Ok(unpacked) => {
            command.env("BACKSTAY_SERVERS", unpacked.root());
        }
        Err(failure) => {
            let what = failure.what;
            ui::warn(&format!("the servers can't be had, their tests are left out: {what}"));
        }
    }
}
