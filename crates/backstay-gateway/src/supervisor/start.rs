//! The supervisor's beginning in a new container.

use super::binaries;
use super::keeper::Keeper;
use super::signals::Signals;
use crate::channel::Settings;
use crate::state::Folder;
use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::time::Instant;

impl Keeper {
    /// Makes the state folder and the control socket. A worker is started at the first turn of the loop.
    pub(super) fn begin(settings: Settings) -> io::Result<Self> {
        let signals = Signals::watch()?;
        let folder = Folder::new(&settings.state);
        let on = |what: &str, error: io::Error| {
            let path = folder.path().display();
            io::Error::new(error.kind(), format!("{what} in `{path}`: {error}"))
        };
        folder.prepare().map_err(|error| on("the state can't be kept", error))?;
        for stale in folder.all_retiring() {
            let _ = fs::remove_file(stale);
        }
        let path = folder.control();
        let _ = fs::remove_file(&path);
        let control = UnixListener::bind(&path)
            .and_then(|control| {
                fs::set_permissions(&path, Permissions::from_mode(0o600))?;
                Ok(control)
            })
            .map_err(|error| on("no control socket", error))?;
        let image = std::env::current_exe()?;
        let binary = binaries::first(&folder, &image);
        Ok(Self {
            settings,
            image,
            signals,
            control: control.into(),
            ports: BTreeMap::new(),
            workers: Vec::new(),
            start_at: Some(Instant::now()),
            binary,
            deaths: 0,
            stop_until: None,
            become_next: None,
            folder,
        })
    }
}
