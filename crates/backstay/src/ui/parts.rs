//! The parts of a run that people see, as the guide numbers them.

use backstay_core::event::Phase;

/// Which of the guide's screens a run has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Parts {
    /// A deployment of the whole stack: eight parts.
    #[default]
    Deployment,
    /// An update of some services: four.
    Update,
    /// A rollback of the whole stack: four.
    Rollback,
    /// A rollback of an update's services: three.
    RollbackOfUpdate,
    /// Data is saved: two.
    DataSave,
    /// Data comes back: two.
    DataRestore,
}

impl Parts {
    /// The number of a part, and how many there are; `None` for one that this screen does not have.
    #[must_use]
    pub fn place(self, phase: Phase) -> Option<(usize, usize)> {
        let parts: &[Phase] = match self {
            Self::Deployment => &[
                Phase::Check,
                Phase::Backup,
                Phase::Environment,
                Phase::Certificate,
                Phase::DataDirectories,
                Phase::Plan,
                Phase::Images,
                Phase::Services,
            ],
            Self::Update => &[Phase::Check, Phase::Backup, Phase::Update, Phase::Verify],
            Self::Rollback => {
                &[Phase::Backup, Phase::RestoreFiles, Phase::CheckImages, Phase::Services]
            }
            Self::RollbackOfUpdate => &[Phase::Backup, Phase::RestoreImages, Phase::Services],
            Self::DataSave => &[Phase::Backup, Phase::Verify],
            Self::DataRestore => &[Phase::Backup, Phase::Services],
        };
        let at = parts.iter().position(|part| *part == phase)?;
        Some((at + 1, parts.len()))
    }
}
