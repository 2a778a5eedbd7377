//! `[2/8] …`: the numbered parts of a run.

use backstay_core::event::Phase;

use super::Wording;
use crate::i18n::t;

/// A part's heading.
pub(super) fn heading(wording: &Wording, number: usize, of: usize, phase: Phase) -> String {
    let lang = wording.lang;
    let name = match phase {
        Phase::Check => t!(lang, "phase-check"),
        Phase::Backup => t!(lang, "phase-backup"),
        Phase::Environment => t!(lang, "phase-environment"),
        Phase::Certificate => t!(lang, "phase-certificate"),
        Phase::DataDirectories => t!(lang, "phase-data-directories"),
        Phase::Plan => t!(lang, "phase-plan"),
        Phase::Images => t!(lang, "phase-images"),
        Phase::Services => t!(lang, "phase-services"),
        Phase::RestoreFiles => t!(lang, "phase-restore-files"),
        Phase::CheckImages => t!(lang, "phase-check-images"),
        Phase::Update => t!(lang, "phase-update"),
        Phase::RestoreImages => t!(lang, "phase-restore-images"),
        Phase::Verify => t!(lang, "phase-verify"),
    };
    format!("{} {name}...", wording.style.accent(&format!("[{number}/{of}]")))
}
