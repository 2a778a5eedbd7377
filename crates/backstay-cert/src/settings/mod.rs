//! What a compose file says of its certificate, under `x-backstay.certificate`.

mod fields;
mod files;
mod parse;
mod password;

pub use files::OutputFile;
pub use password::{DEFAULT_PASSWORD_VARIABLE, PasswordSource};

use crate::{Encryption, Error, Request};

/// Where the settings stand.
pub(crate) const PLACE: &str = "x-backstay.certificate";

/// What a compose file says of its certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The PFX file, as written: relative to the folder of the compose file.
    pub path: String,
    /// Where its password comes from.
    pub password: PasswordSource,
    /// What the certificate should be.
    pub request: Request,
    /// Whether the PFX file has the old encryption.
    pub legacy: bool,
    /// Whether PEM files are written beside it.
    pub pem: bool,
}

impl Settings {
    /// Reads the value of `x-backstay.certificate`. Numbers and booleans may also be texts, and names one text with
    /// commas: this is what Compose makes of `${VARIABLE}` there.
    ///
    /// # Errors
    /// [`Error::Settings`] names the key and says what it should be.
    pub fn parse(value: &serde_json::Value) -> Result<Self, Error> {
        parse::settings(value)
    }

    /// How the PFX file is to be encrypted.
    #[must_use]
    pub fn encryption(&self) -> Encryption {
        if self.legacy { Encryption::Legacy } else { Encryption::Modern }
    }
}
