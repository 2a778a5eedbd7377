//! Dollar signs of the resolved model.

/// A text of the resolved model, in which Compose writes every dollar sign twice.
pub(super) fn single(text: &str) -> String {
    text.replace("$$", "$")
}
