//! nginx, for the image that an end-to-end test makes of it: a package that is only unpacked, with all that it needs.

use crate::beside::{Source, Unpacked};
use crate::failure::Result;
use crate::ui;
use std::process::Command;

/// Fetches it where it is not there.
pub(crate) fn fetch() -> Result<Unpacked> {
    Unpacked::whole("nginx", Source::Next, &["nginx"])
}

/// Tells the tests where it is, or warns where it can't be had.
pub(crate) fn tell(command: &mut Command) {
    match fetch() {
        Ok(unpacked) => {
            command.env("BACKSTAY_NGINX", unpacked.root());
        }
        Err(failure) => {
            ui::warn(&format!("nginx can't be had, its test is left out: {}", failure.what));
        }
    }
}
