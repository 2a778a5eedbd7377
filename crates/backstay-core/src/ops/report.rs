//! How a run ended, for whoever asked for it.

use serde::{Deserialize, Serialize};

use crate::event::{Failure, Outcome, RunKind};
use crate::run::Run;
use crate::run_state::{RunState, StepStatus};
use crate::steps;

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunReport {
    /// The run.
    pub run: String,
    /// Its kind.
    pub kind: RunKind,
    /// Its end.
    pub outcome: Outcome,
    /// Why it was undone.
    pub failure: Option<Failure>,
    /// The release that was committed.
    pub release: Option<String>,
    /// For a stuck run: the commands that get a person out, in order.
    pub way_out: Vec<String>,
}

impl RunReport {
    /// Of a run that stays open: a recovery says what becomes of it.
    pub(super) fn left_to_recovery(run: &mut Run<'_>, failure: Failure) -> Self {
        run.state.failure = Some(run.ctx.secrets.failure(failure));
        Self::new(&run.state, Outcome::Stuck)
    }

    pub(crate) fn new(state: &RunState, outcome: Outcome) -> Self {
        Self {
            run: state.run.clone(),
            kind: state.kind,
            outcome,
            failure: state.failure.clone(),
            release: state.release.clone(),
            way_out: if outcome == Outcome::Stuck { way_out(state) } else { Vec::new() },
        }
    }
}

/// The command that starts an engine anew which has lost count of what it has given away. What it left of a container that it was
/// starting is seen to by containerd, which the packages of most systems run as a service of its own.
pub const RESTART_ENGINE: &str = "sudo systemctl restart containerd docker";

/// The command, before its folders, that takes away what containerd left of a container and can't take away itself.
pub const REMOVE_REMAINS: &str = "sudo rm -rf";

/// The command that frees what an engine has lost count of. `remains` are the folders that have to go, where there are any.
pub fn freeing<'a>(remains: impl IntoIterator<Item = &'a String>) -> String {
    let command = remains
        .into_iter()
        .fold(REMOVE_REMAINS.to_owned(), |command, folder| command + " " + folder);
    if command == REMOVE_REMAINS { RESTART_ENGINE.to_owned() } else { command }
}

/// What a person can do by hand where an undo could not: the same effects as the undo's own.
fn way_out(state: &RunState) -> Vec<String> {
    if state.lost_count {
        return vec![freeing(&state.remains), "backstay recover".to_owned()];
    }
    let failed = state.steps.iter().rev().filter(|step| step.status == StepStatus::UndoFailed);
    let mut commands: Vec<String> =
        failed.flat_map(|step| steps::by_hand(&step.undo, &state.run)).collect();
    commands.push("backstay recover".to_owned());
    commands
}
