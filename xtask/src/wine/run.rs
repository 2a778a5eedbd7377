//! Running the tests of the Windows program.

use super::place::Wine;
use crate::failure::Result;
use crate::{cargo, cross, shell, ui};

/// Where the program or Wine can't be had, that is said, and nothing has failed.
pub(crate) fn run() -> Result<()> {
    let wine = match cross::may_build_windows().and_then(|()| Wine::get()) {
        Ok(wine) => wine,
        Err(failure) => {
            ui::warn(&format!("the Windows program was not run: {}", failure.what));
            return Ok(());
        }
    };
    let program = cross::build_windows()?;
    ui::step(&format!("the Windows program under {}", wine.version()?));
    // Of the whole workspace, as all tests are built, so that nothing is built twice.
    let words = ["test", "--quiet", "--workspace", "--test", "cli", "--", "wine::"];
    let mut command = cargo::cargo(&words);
    command.env("BACKSTAY_WINE", &wine.script).env("BACKSTAY_WINDOWS_PROGRAM", program);
    shell::run(&mut command)
}
