//! From what is there to an engine that answers, by at most one installation and one start.

use super::probe::{Finding, probe};
use super::{advice, daemon, install, machine};
use crate::failure::Result;
use crate::{shell, ui};

/// Reports, and fails where the engine is not ready.
pub(crate) fn check() -> Result<()> {
    match probe() {
        Finding::Ready { engine, compose } => {
            ui::note(&format!("Docker Engine {engine}, Compose {compose}: ready"));
            Ok(())
        }
        finding => Err(advice::failure(&finding)),
    }
}

/// Installs and starts what is missing, where that is possible and allowed.
pub(crate) fn ensure() -> Result<()> {
    let may = machine::engine_is_elsewhere().is_none() && machine::is_root();
    let (mut installed, mut started) = (false, false);
    loop {
        let finding = probe();
        let can_start = matches!(finding, Finding::NotRunning(_)) && shell::exists("dockerd");
        match (&finding, machine::distribution()) {
            (Finding::Ready { .. }, _) => return Ok(()),
            _ if may && can_start && !started => {
                started = true;
                daemon::start()?;
            }
            (_, Some(distribution)) if may && !can_start && !installed => {
                installed = true;
                install::install(&distribution)?;
            }
            _ => return Err(advice::failure(&finding)),
        }
    }
}
