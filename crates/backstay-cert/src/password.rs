//! Which passwords a PFX file can have (RFC 7292, appendix B.1).

use crate::{Error, Result};

/// Whether every program reads a password the same way. The password goes into the file as UCS-2, which has no
/// character beyond U+FFFF, and as text that ends at a zero.
pub(crate) fn validate(password: &str) -> Result<()> {
    if password.chars().any(|c| u32::from(c) > 0xffff) {
        return Err(Error::Password {
            problem: "it has a character beyond U+FFFF, as an emoji; choose another",
        });
    }
    if password.chars().any(char::is_control) {
        return Err(Error::Password {
            problem: "it has a control character, as a line break; choose another",
        });
    }
    Ok(())
}
