//! Compose projects that tests and demos have made: which are there, and removing one wholly.

use crate::beside::Seat;
use crate::failure::{Failure, Result};
use crate::shell;
use std::collections::BTreeSet;

/// Everything that is made here is in a project whose name begins so.
const PREFIX: &str = "backstay-";
const LABEL: &str = "com.docker.compose.project";

/// The projects of ours of which the engine has a container, a network or a volume.
pub(crate) fn projects(seat: &Seat) -> Result<BTreeSet<String>> {
    let filter = format!("label={LABEL}");
    let format = format!("{{{{.Label \"{LABEL}\"}}}}");
    let mut found = BTreeSet::new();
    for kind in [&["ps", "-a"][..], &["network", "ls"], &["volume", "ls"]] {
        let mut command = seat.docker(kind);
        let names = shell::capture(command.args(["--filter", &filter, "--format", &format]))?;
        found.extend(names.lines().filter(|name| name.starts_with(PREFIX)).map(str::to_owned));
    }
    Ok(found)
}

/// Fails if there are projects that were not there `before`.
pub(crate) fn check(seat: &Seat, before: &BTreeSet<String>) -> Result<()> {
    let now = projects(seat)?;
    let left: Vec<_> = now.difference(before).map(String::as_str).collect();
    if left.is_empty() {
        return Ok(());
    }
    let what = format!("containers, networks or volumes were left behind by: {}", left.join(", "));
    Err(Failure::new(what).hint(format!("docker ps -a --filter label={LABEL}=<project>")))
}

/// Removes the project's containers, networks, volumes and the images that were built for it.
///
/// By label and not with `compose down`, which would need a compose file that parses.
pub(crate) fn remove(project: &str) -> Result<()> {
    let steps: [(&[&str], &[&str]); 4] = [
        (&["ps", "-aq"], &["rm", "--force", "--volumes"]),
        (&["network", "ls", "-q"], &["network", "rm"]),
        (&["volume", "ls", "-q"], &["volume", "rm", "--force"]),
        (&["images", "-aq"], &["rmi", "--force"]),
    ];
    let filter = format!("label={LABEL}={project}");
    let mut first_failure = Ok(());
    for (list, remove) in steps {
        let removed = shell::capture(shell::command("docker", list).args(["--filter", &filter]))
            .and_then(|ids| {
                let ids: BTreeSet<&str> = ids.lines().collect();
                if ids.is_empty() {
                    return Ok(());
                }
                shell::run_quietly(shell::command("docker", remove).args(ids))
            });
        // The rest is removed all the same.
        first_failure = first_failure.and(removed);
    }
    first_failure
}
