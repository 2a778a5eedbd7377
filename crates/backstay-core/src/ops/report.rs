//! How a run ended, for whoever asked for it.

use serde::{Deserialize, Serialize};

use crate::engine::LOST_COUNT;
use crate::event::{Failure, Outcome, RunKind};
use crate::plan::{Swap, Undo};
use crate::run_state::{RunState, StepStatus};

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

/// The command that starts an engine anew which has [lost count](LOST_COUNT).
pub const RESTART_ENGINE: &str = "sudo systemctl restart docker";

/// What a person can do by hand where an undo could not: the same effects as the undo's own.
fn way_out(state: &RunState) -> Vec<String> {
    if state.problems.iter().any(|problem| problem.contains(LOST_COUNT)) {
        return vec![RESTART_ENGINE.to_owned(), "backstay recover".to_owned()];
    }
    let mut commands = Vec::new();
    for record in state.steps.iter().rev().filter(|record| record.status == StepStatus::UndoFailed)
    {
        match &record.undo {
            Undo::Nothing => {}
            Undo::Backup { folder } => commands.push(format!("rm -r .backup/{folder}")),
            Undo::Files { saved, folders, .. } => {
                for (path, saved) in saved {
                    commands.push(match saved {
                        Some(saved) => {
                            format!("cp .backup/journal/{}/saved/{} {path}", state.run, saved.name)
                        }
                        None => format!("rm -f {path}"),
                    });
                }
                commands.extend(folders.iter().rev().map(|folder| format!("rmdir {folder}")));
            }
            Undo::Directories { made, by_engine } => {
                let made = made.iter().chain(by_engine);
                commands
                    .push(format!("rmdir {}", made.rev().cloned().collect::<Vec<_>>().join(" ")));
            }
            Undo::BuildTags { tags } => {
                commands.push(format!("docker image rm {}", tags.join(" ")))
            }
            Undo::Tags { before } => {
                for (reference, image) in before {
                    commands.push(match image {
                        // Where the image is gone for good, the reference goes too.
                        Some(image) => {
                            format!("docker tag {image} {reference} || docker image rm {reference}")
                        }
                        None => format!("docker image rm {reference}"),
                    });
                }
            }
            Undo::Create { run, .. } => {
                commands.push(format!(
                    "docker rm -f $(docker ps -aq --filter label=backstay.run={run})"
                ));
            }
            Undo::Replace { swaps } => commands.extend(swaps.iter().flat_map(swap_by_hand)),
            Undo::Follow { followers, .. } => {
                let names: Vec<&str> = followers.iter().map(|f| f.name.as_str()).collect();
                commands.push(format!("docker restart {}", names.join(" ")));
            }
            Undo::Running { containers, .. } => {
                commands.push(format!("docker start {}", containers.join(" ")));
            }
            Undo::Start { containers } => {
                commands.push(format!("docker stop {}", containers.join(" ")))
            }
        }
    }
    commands.push("backstay recover".to_owned());
    commands
}

fn swap_by_hand(swap: &Swap) -> Vec<String> {
    let mut commands = Vec::new();
    commands.extend(swap.new.as_ref().map(|new| format!("docker rm -f {}", new.id)));
    if let Some(old) = &swap.old {
        commands.push(format!("docker rename {} {}", old.id, old.name));
        if old.running {
            commands.push(format!("docker start {}", old.id));
        }
    }
    commands
}
