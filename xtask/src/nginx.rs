//! nginx, for the image that an end-to-end test makes of it: a package that is only unpacked, with all that it needs.

use crate::beside::{Source, Unpacked};
use crate::ui;
use std::process::Command;

/// Tells the tests where it is, or warns where it can't be had.
pub(crate) fn tell(command: &mut Command) {
    match Unpacked::whole("nginx", Source::Next, &["nginx"]) {
        Ok(unpacked) => {
            command.env("BACKSTAY_NGINX", unpacked.root());
        }
        Err(failure) => {
            ui::warn(&format!("nginx can't be had, its test is left out: {}", failure.what));
        }
    }
}
