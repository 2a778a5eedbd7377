//! Where what lies.

use rustix::fs::Mode;
use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The state folder.
#[derive(Debug, Clone)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Makes it, for nobody but the gateway's own user. A volume's folder may belong to somebody else: then its permissions are
    /// the engine's, and what is within is protected by its own.
    pub(crate) fn prepare(&self) -> io::Result<()> {
        rustix::process::umask(Mode::from_raw_mode(0o077));
        DirBuilder::new().recursive(true).mode(0o700).create(&self.0)?;
        match fs::set_permissions(&self.0, Permissions::from_mode(0o700)) {
            Err(error) if error.kind() != io::ErrorKind::PermissionDenied => Err(error),
            _ => Ok(()),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The routes.
    pub(crate) fn routes(&self) -> PathBuf {
        self.0.join("routes.json")
    }

    /// Which program is to run instead of the image's own.
    pub(crate) fn remembered(&self) -> PathBuf {
        self.0.join("binary.json")
    }

    /// Programs that were brought in.
    pub(crate) fn binaries(&self) -> PathBuf {
        self.0.join("bin")
    }

    /// Where requests come in.
    pub(crate) fn control(&self) -> PathBuf {
        self.0.join("control.sock")
    }

    /// Where a worker that retires is still told of new routes and holds.
    pub(crate) fn retiring(&self, pid: u32) -> PathBuf {
        self.0.join(format!("retiring-{pid}.sock"))
    }

    /// The sockets of all workers that retire.
    pub(crate) fn all_retiring(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(&self.0) else { return Vec::new() };
        let is_one = |name: &str| name.starts_with("retiring-") && name.ends_with(".sock");
        entries
            .filter_map(Result::ok)
            .filter(|entry| entry.file_name().to_str().is_some_and(is_one))
            .map(|entry| entry.path())
            .collect()
    }
}
