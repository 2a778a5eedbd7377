//! In which language and colours things are said, and how paths are shortened.

use std::path::{Path, PathBuf};

use crate::i18n::Language;
use crate::ui::{Style, clean};

/// How things are said.
#[derive(Debug, Clone)]
pub struct Wording {
    /// The language.
    pub lang: Language,
    /// The colours.
    pub style: Style,
    /// The stack's directory: paths below it are shown without it.
    pub directory: PathBuf,
    /// The stack's own files, which a failed run leaves as they were.
    pub files: Vec<PathBuf>,
    /// Whether everything is shown: lines of builds and pulls although nothing has failed, and long lists in full.
    pub verbose: bool,
}

impl Wording {
    /// A wording without a stack.
    #[must_use]
    pub fn plain(lang: Language, style: Style) -> Self {
        Self { lang, style, directory: PathBuf::new(), files: Vec::new(), verbose: false }
    }

    /// A path as a person would write it in the stack's directory.
    #[must_use]
    pub fn path(&self, path: &Path) -> String {
        let short = path.strip_prefix(&self.directory).ok().filter(|p| !p.as_os_str().is_empty());
        clean::line(&short.unwrap_or(path).to_string_lossy())
    }

    /// `  ✓ …`
    pub(crate) fn good(&self, text: &str) -> String {
        format!("  {}", self.style.good(&format!("✓ {text}")))
    }

    /// `  ✗ …`
    pub(crate) fn bad(&self, text: &str) -> String {
        format!("  {}", self.style.bad(&format!("✗ {text}")))
    }

    /// `  ! …`
    pub(crate) fn warning(&self, text: &str) -> String {
        format!("  {}", self.style.warn(&format!("! {text}")))
    }

    /// A plain remark.
    pub(super) fn remark(&self, text: &str) -> String {
        format!("  {}", self.style.faint(text))
    }

    /// A framed heading.
    pub(super) fn banner(&self, lines: &[String]) -> Vec<String> {
        let rule = "=".repeat(40);
        let body = lines.iter().map(|line| format!("  {line}"));
        [rule.clone()].into_iter().chain(body).chain([rule]).collect()
    }
}

/// An image's or a container's id as Docker shortens it.
#[must_use]
pub(crate) fn short_id(id: &str) -> String {
    let bare = id.strip_prefix("sha256:").unwrap_or(id);
    clean::line(bare).chars().take(12).collect()
}
