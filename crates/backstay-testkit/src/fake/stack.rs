//! A stack's files, as its author would write them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use backstay_core::layout::Layout;
use backstay_core::stack::{Caller, StackRef};
use backstay_core::state::{State, normalized};

use super::behaviour::Behaviour;
use super::engine::{Content, ID as ENGINE_ID};
use super::machine::Machine;

/// One version of a stack: files in its directory, and images in the registry.
#[derive(Debug, Clone, Default)]
pub struct FakeStack {
    directory: PathBuf,
    files: BTreeMap<String, String>,
    registry: BTreeMap<String, Content>,
}

impl FakeStack {
    /// A stack in this directory; its name is the project's.
    #[must_use]
    pub fn new(directory: &str) -> Self {
        Self { directory: PathBuf::from(directory), ..Self::default() }
    }

    /// `docker-compose.yml`.
    #[must_use]
    pub fn compose(self, text: &str) -> Self {
        self.file("docker-compose.yml", text)
    }

    /// `.env`.
    #[must_use]
    pub fn env(self, text: &str) -> Self {
        self.file(".env", text)
    }

    /// Any file, by its path in the directory.
    #[must_use]
    pub fn file(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.to_owned(), text.to_owned());
        self
    }

    /// The build context in the folder `name`: what an image that is built from it does.
    #[must_use]
    pub fn context(self, name: &str, version: &str, behaviour: Behaviour) -> Self {
        let text = format!("# behaviour: {behaviour}\n# version: {version}\nFROM scratch\n");
        self.file(&format!("{name}/Dockerfile"), &text)
    }

    /// An image in the registry.
    #[must_use]
    pub fn registry(mut self, reference: &str, version: &str, behaviour: Behaviour) -> Self {
        let name = reference.split(':').next().unwrap_or(reference).to_owned();
        let content = Content { name, version: version.to_owned(), behaviour };
        self.registry.insert(reference.to_owned(), content);
        self
    }

    /// Where its files are.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// How core addresses it.
    #[must_use]
    pub fn reference(&self) -> StackRef {
        // As Compose finds them by their names.
        let names = ["docker-compose.yml", "docker-compose.override.yml"];
        let there = |name: &&&str| **name == names[0] || self.files.contains_key(**name);
        StackRef {
            directory: self.directory.clone(),
            files: names.iter().filter(there).map(|name| self.directory.join(name)).collect(),
            caller: Caller::default().finding(true),
            ..StackRef::default()
        }
    }

    /// What is kept of it.
    #[must_use]
    pub fn kept(&self) -> Layout {
        kept(&self.reference())
    }

    /// Writes it to a machine, in the place of the version that is there.
    ///
    /// # Panics
    /// When the disk refuses.
    pub fn write(&self, machine: &Machine) {
        machine.with(|world| {
            let now = world.now;
            let old: Vec<PathBuf> = user_files(&self.directory, world.disk.nodes.keys());
            for path in old {
                world.disk.nodes.remove(&path);
            }
            for (name, text) in &self.files {
                let path = self.directory.join(name);
                let folder = path.parent().unwrap_or(&self.directory);
                let done = world.disk.create_dir(folder, 0o755, now);
                let done = done.and_then(|()| world.disk.put(&path, text.as_bytes(), 0o644, now));
                assert!(done.is_ok(), "writing {}: {done:?}", path.display());
            }
            let images =
                self.registry.iter().map(|(name, content)| (name.clone(), content.clone()));
            world.engine.registry.extend(images);
        });
    }
}

/// Where what is known of stacks is kept on every machine.
#[must_use]
pub fn state() -> State {
    State::new("/state")
}

/// What is kept of a stack whose folder, or `-p`, gives the project its name.
#[must_use]
pub fn kept(stack: &StackRef) -> Layout {
    let folder = stack.directory.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let project = stack.project_name.clone().unwrap_or_else(|| normalized(&folder));
    state().layout(ENGINE_ID, &project, &stack.directory)
}

/// What is in a stack's directory and not under `.backup/`.
pub(super) fn user_files<'a>(
    directory: &Path,
    paths: impl Iterator<Item = &'a PathBuf>,
) -> Vec<PathBuf> {
    let backup = directory.join(".backup");
    paths
        .filter(|path| path.starts_with(directory) && *path != directory)
        .filter(|path| !path.starts_with(&backup))
        .cloned()
        .collect()
}
