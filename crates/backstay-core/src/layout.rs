//! Where everything of one stack is: in its folder of the state, `<state>/<engine>/<project>/`.

use std::path::{Path, PathBuf};

use crate::naming::plain;

/// The folder of all that is kept of a stack, and the stack's own folder. Folders have mode 0700 and files 0600; in a state that
/// a group shares, 2770 and 0660.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    root: PathBuf,
    directory: PathBuf,
    /// The engine's id and the project that all of it is of.
    owner: Option<(String, String)>,
    /// Where a real `.backup` folder, which this is, will be moved to.
    home: Option<PathBuf>,
    /// Whether backups lie right in `root`, as older programs and the old scripts have them.
    is_flat: bool,
}

impl Layout {
    /// The name in the stack's directory under which people find it.
    pub const FOLDER: &str = ".backup";
    /// The name of the backups' folder.
    pub(crate) const BACKUPS: &str = "backups";

    /// What is kept in `root` of the stack in `directory`.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>, directory: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            directory: directory.into(),
            owner: None,
            home: None,
            is_flat: false,
        }
    }

    /// The same, where only what is of this engine and this project counts.
    #[must_use]
    pub fn of(self, engine: &str, project: &str) -> Self {
        Self { owner: Some((engine.to_owned(), project.to_owned())), ..self }
    }

    /// The same for a stack that was somewhere else.
    #[must_use]
    pub(crate) fn in_directory(self, directory: PathBuf) -> Self {
        Self { directory, ..self }
    }

    /// The engine's id and the project that all of it has to be of.
    #[must_use]
    pub fn owner(&self) -> Option<(&str, &str)> {
        self.owner.as_ref().map(|(engine, project)| (engine.as_str(), project.as_str()))
    }

    /// A real `.backup` folder in the stack's directory, that will be moved to where this is.
    #[must_use]
    pub(crate) fn beside(self) -> Self {
        Self { root: self.entrance(), home: Some(self.root.clone()), ..self }
    }

    /// The same, where backups lie right in the folder.
    #[must_use]
    pub(crate) fn flat(self) -> Self {
        Self { is_flat: true, ..self }
    }

    /// Where it will be when it has been moved.
    #[must_use]
    pub(crate) fn home(&self) -> Self {
        let root = self.home.clone().unwrap_or_else(|| self.root.clone());
        Self { root, home: None, is_flat: false, ..self.clone() }
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The stack's directory.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// `.backup` in the stack's directory.
    #[must_use]
    pub fn entrance(&self) -> PathBuf {
        self.directory.join(Self::FOLDER)
    }

    /// Whether it is a real `.backup` in the stack's directory, which has not been moved to the state yet.
    #[must_use]
    pub fn is_beside(&self) -> bool {
        self.home.is_some()
    }

    /// The lock file.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }

    /// The journals' folder.
    #[must_use]
    pub fn journals(&self) -> PathBuf {
        self.root.join("journal")
    }

    /// A run's journal.
    #[must_use]
    pub fn journal(&self, run: &str) -> PathBuf {
        self.journals().join(format!("{run}.jsonl"))
    }

    /// A run's folder for what its undo and its end need: saved files, the new release before the commit.
    #[must_use]
    pub fn work(&self, run: &str) -> PathBuf {
        self.journals().join(run)
    }

    /// The release that a run makes, before the commit.
    #[must_use]
    pub fn next(&self, run: &str) -> PathBuf {
        self.work(run).join("release")
    }

    /// Where a folder of it is put that is being removed: whatever is left of it there is no backup any more.
    #[must_use]
    pub fn discarded(&self, folder: &str) -> PathBuf {
        self.journals().join(format!("{folder}.removed"))
    }

    /// Where a release that comes from a file is unpacked. Not the name of a run, so that the next one sweeps it away.
    #[must_use]
    pub fn importing(&self) -> PathBuf {
        self.journals().join("import.new")
    }

    /// The record of the release that runs now.
    #[must_use]
    pub fn current(&self) -> PathBuf {
        self.root.join("current")
    }

    /// The backups' folder: nothing else is in it, so that people may clear it up.
    #[must_use]
    pub fn backups(&self) -> PathBuf {
        if self.is_flat { self.root.clone() } else { self.root.join(Self::BACKUPS) }
    }

    /// A backup.
    #[must_use]
    pub fn backup(&self, folder: &str) -> PathBuf {
        self.backups().join(folder)
    }

    /// The vault.
    #[must_use]
    pub fn vault(&self) -> PathBuf {
        self.root.join("vault")
    }

    /// Which old containers stay up after the last commit.
    #[must_use]
    pub fn warm(&self) -> PathBuf {
        self.journals().join("warm.json")
    }

    /// Which folder was copied here from another disk and may not have been taken away there yet.
    #[must_use]
    pub fn moved_from(&self) -> PathBuf {
        self.root.join("moved-from")
    }
}

/// The folder of the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    root: PathBuf,
}

impl State {
    /// The state in this folder.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Everything of one engine.
    #[must_use]
    pub fn engine(&self, engine: &str) -> PathBuf {
        self.root.join(plain(engine))
    }

    /// Where everything of a project on an engine is, whose files are in `directory`.
    #[must_use]
    pub fn layout(&self, engine: &str, project: &str, directory: &Path) -> Layout {
        Layout::new(self.engine(engine).join(plain(project)), directory).of(engine, project)
    }
}
