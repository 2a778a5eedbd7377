//! Where everything is under `<stack>/.backup/`.

use std::path::{Path, PathBuf};

/// The folder of a stack's backups. Folders have mode 0700 and files 0600.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    root: PathBuf,
}

impl Layout {
    /// The name of the folder in the stack's directory.
    pub const FOLDER: &str = ".backup";

    /// The layout below a stack's directory.
    #[must_use]
    pub fn new(directory: &Path) -> Self {
        Self { root: directory.join(Self::FOLDER) }
    }

    /// `.backup/`.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
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

    /// Where a folder of `.backup/` is put that is being removed: whatever is left of it there is no backup any more.
    #[must_use]
    pub fn discarded(&self, folder: &str) -> PathBuf {
        self.journals().join(format!("{folder}.removed"))
    }

    /// The record of the release that runs now.
    #[must_use]
    pub fn current(&self) -> PathBuf {
        self.root.join("current")
    }

    /// A backup.
    #[must_use]
    pub fn backup(&self, folder: &str) -> PathBuf {
        self.root.join(folder)
    }

    /// The vault.
    #[must_use]
    pub fn vault(&self) -> PathBuf {
        self.root.join("vault")
    }
}
