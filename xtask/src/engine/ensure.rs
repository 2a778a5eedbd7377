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

/// Fails where [`ensure`] is bound to fail. Changes nothing.
pub(crate) fn may_be_had() -> Result<()> {
    let finding = probe();
    let can_start = can_start(&finding);
    match finding {
        Finding::Ready { .. } => Ok(()),
        _ if is_ours() && (can_start || machine::distribution().is_some()) => Ok(()),
        finding => Err(advice::failure(&finding)),
    }
}

fn is_ours() -> bool {
    machine::engine_is_elsewhere().is_none() && machine::is_root()
}

fn can_start(finding: &Finding) -> bool {
    matches!(finding, Finding::NotRunning(_)) && shell::exists("dockerd")
}

/// Installs and starts what is missing, where that is possible and allowed.
pub(crate) fn ensure() -> Result<()> {
    let may = is_ours();
    let (mut installed, mut started) = (false, false);
    loop {
        let finding = probe();
        let can_start = can_start(&finding);
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
