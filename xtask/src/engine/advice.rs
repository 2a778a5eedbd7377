//! What a person can do where this program can't or may not.

use super::machine;
use super::probe::Finding;
use crate::failure::Failure;

/// The finding as an error with the way out of it.
pub(super) fn failure(finding: &Finding) -> Failure {
    let what = match finding {
        Finding::NoClient => "Docker is not installed".to_owned(),
        Finding::NoCompose => "`docker compose` (version 2) is not installed".to_owned(),
        Finding::ComposeTooOld(version) => {
            format!("Docker Compose {version} is too old, 2.20 or newer is needed")
        }
        Finding::NotRunning(said) => format!("the Docker engine does not answer: {said}"),
        Finding::EngineTooOld(version) => {
            format!("Docker Engine {version} is too old, 20.10 or newer is needed")
        }
        Finding::Ready { .. } => "the Docker engine is ready".to_owned(),
    };
    Failure::new(what).hint(hint(finding))
}

fn hint(finding: &Finding) -> String {
    if let Some(place) = machine::engine_is_elsewhere() {
        return format!(
            "{place} is set, so the engine there was asked; unset it to use a local one"
        );
    }
    let start = matches!(finding, Finding::NotRunning(_));
    let text = match std::env::consts::OS {
        "macos" | "windows" if start => "start Docker Desktop",
        "macos" | "windows" => "install a current Docker Desktop and start it",
        _ if start && machine::is_root() => "`cargo xtask engine` starts it",
        _ if start => {
            "start it (`sudo systemctl start docker`), or let your user reach it \
             (`sudo usermod -aG docker $USER`, then log in again)"
        }
        _ => {
            "install a current Docker Engine with its Compose plugin from your distribution; on \
             Debian and Ubuntu `cargo xtask engine` does it when it is run as root"
        }
    };
    text.to_owned()
}
