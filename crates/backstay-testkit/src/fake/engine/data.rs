//! The data of volumes: one text each, which any program in a container dumps with an end mark and takes back.

use backstay_core::engine::{EngineError, EngineErrorKind, EngineResult, Status};

use super::state::{EngineState, FakeVolume};

impl EngineState {
    /// The volume of a container at a path; without one the first that is mounted, which is what its program dumps.
    pub(in crate::fake) fn volume_of(&self, id: &str, path: Option<&str>) -> Option<String> {
        let mounts = &self.containers.get(id)?.spec.mounts;
        let mut volumes = mounts.iter().filter(|mount| mount.volume);
        let found = volumes.find(|mount| path.is_none_or(|path| mount.target == path));
        found.map(|mount| mount.source.clone())
    }

    pub(in crate::fake) fn data(&self, id: &str, path: Option<&str>) -> String {
        let volume = self.volume_of(id, path).and_then(|name| self.volumes.get(&name));
        volume.map(|volume| volume.data.clone()).unwrap_or_default()
    }

    pub(in crate::fake) fn set_data(&mut self, id: &str, path: Option<&str>, data: &str) {
        let name = self.volume_of(id, path).unwrap_or_default();
        if let Some(volume) = self.volumes.get_mut(&name) {
            data.clone_into(&mut volume.data);
        }
    }

    /// What a program does when it starts whose version says that it migrates: everything in the volumes of its project is otherwise
    /// then, once.
    pub(super) fn migrate(&mut self, id: &str) {
        let Some(container) = self.containers.get(id) else { return };
        let image = self.images.get(&container.image);
        if !image.is_some_and(|image| image.content.version.ends_with("migrates")) {
            return;
        }
        // One that is numbered has its own migration.
        let version = image.map(|image| image.content.version.clone()).unwrap_or_default();
        let done = match version.strip_prefix('v').and_then(|v| v.strip_suffix(" migrates")) {
            Some(number) => format!(", migrated to {number}."),
            None => ", migrated".to_owned(),
        };
        let project = container.project.clone();
        let mine =
            self.volumes.values_mut().filter(|v| v.project.is_some() && v.project == project);
        for volume in mine.filter(|volume| !volume.data.contains(&done)) {
            volume.data.push_str(&done);
        }
    }

    pub(in crate::fake) fn volume_mut(
        &mut self,
        id: &str,
        path: &str,
    ) -> EngineResult<&mut FakeVolume> {
        let name = self.volume_of(id, Some(path)).unwrap_or_default();
        let none = || EngineError::new(EngineErrorKind::NotFound, "moving files", "no volume");
        self.volumes.get_mut(&name).ok_or_else(none)
    }

    pub(in crate::fake) fn running(&self, id: &str, action: &str) -> EngineResult<()> {
        match self.get(id, action)?.life.status {
            Status::Running => Ok(()),
            status => {
                let message = format!("container {id} is not running: {status:?}");
                Err(EngineError::new(EngineErrorKind::Conflict, action, message))
            }
        }
    }
}
