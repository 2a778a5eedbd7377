//! Starting a `dockerd` beside the machine's.

use super::home::Home;
use super::packages::Unpacked;
use super::seat::Seat;
use crate::failure::{Failure, Result};
use crate::{engine, shell};
use std::ffi::OsString;
use std::fs;

/// Where the engine keeps images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Store {
    Classic,
    Containerd,
}

/// The engine's garbage is collected less often: it has a core or two for itself and the tests.
const SCRIPT: &str = "exec env GOGC=400 dockerd --config-file \"$1/daemon.json\" --data-root \"$1/data\" \
                      --exec-root \"$1/exec\" --pidfile \"$1/engine.pid\" --host \"unix://$1/sock\"";
const PLUGINS: [&str; 2] = ["docker-compose", "docker-buildx"];

/// Starts the machine's own, or the one that was unpacked.
pub(super) fn start(name: &str, packages: Option<&Unpacked>, store: Store) -> Result<Seat> {
    engine::may_start_another()?;
    let home = Home::new(name)?;
    let settings = home.path("daemon.json");
    let text = match store {
        Store::Classic => "{\"features\": {\"containerd-snapshotter\": false}}\n",
        Store::Containerd => "{\"features\": {\"containerd-snapshotter\": true}}\n",
    };
    fs::write(&settings, text).map_err(Failure::on(&settings))?;
    let variables = packages.map(|packages| client(packages, &home)).transpose()?;
    let words = [home.root().into()];
    Seat::start(home, SCRIPT, &words, variables.unwrap_or_default())
}

/// What makes `docker` the unpacked one, with its plugins.
pub(super) fn client(packages: &Unpacked, home: &Home) -> Result<Vec<(&'static str, OsString)>> {
    let plugins = home.folder("config/cli-plugins")?;
    for name in PLUGINS {
        let from = packages.path("usr/libexec/docker/cli-plugins").join(name);
        let to = plugins.join(name);
        let mut link = shell::command("ln", &["--symbolic", "--force"]);
        shell::run_quietly(link.arg(&from).arg(&to))?;
    }
    let own = ["usr/bin", "usr/sbin"].map(|part| packages.path(part));
    let rest = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(own.into_iter().chain(std::env::split_paths(&rest)))
        .map_err(|e| Failure::new(format!("PATH: {e}")))?;
    Ok(vec![("PATH", path), ("DOCKER_CONFIG", home.path("config").into_os_string())])
}
