//! What a release had otherwise and can't be brought back.

use backstay_core::release::{Lost, Obstruction};

use super::clean;
use crate::i18n::{Language, t};

/// In a line: what, and why.
pub(crate) fn lost(lang: Language, lost: &Lost) -> String {
    let path = clean::line(&lost.path);
    match &lost.why {
        Obstruction::Far => t!(lang, "lost-far", path = path),
        Obstruction::Shared { container } => {
            t!(lang, "lost-shared", path = path, container = clean::line(container))
        }
        Obstruction::NoCopy => t!(lang, "lost-no-copy", path = path),
        Obstruction::NotKept => t!(lang, "lost-not-kept", path = path),
    }
}
