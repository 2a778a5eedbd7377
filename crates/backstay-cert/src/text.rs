//! Text that comes from elsewhere.

/// Text of a certificate or a user in a form that a terminal shows and does not obey.
pub(crate) fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
