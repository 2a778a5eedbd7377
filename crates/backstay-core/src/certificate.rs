//! Certificates, as plain data.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a certificate is going to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// The paths of its files, as written; the PFX file first.
    pub paths: Vec<String>,
    /// Whether every program can open the PFX file: Java reads passwords of ASCII only.
    pub is_ascii: bool,
}

/// What was found in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Its last moment.
    pub not_after: Timestamp,
    /// What is wrong with it, or soon will be.
    pub findings: Vec<CertificateFinding>,
}

/// Files of a certificate.
pub struct Made {
    /// Path as written, content and permission bits, in the order of [`Outline::paths`].
    pub files: Vec<(String, Vec<u8>, u32)>,
    /// The certificate's last moment.
    pub not_after: Timestamp,
}

/// Something that is wrong with a certificate, or soon will be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum CertificateFinding {
    /// It has ended.
    Expired {
        /// Its last moment.
        not_after: Timestamp,
    },
    /// It is not good yet.
    NotYetValid {
        /// Its first moment.
        not_before: Timestamp,
    },
    /// It ends within 30 days.
    EndsSoon {
        /// Its last moment.
        not_after: Timestamp,
        /// Whole days until then.
        days_left: i64,
    },
    /// It is not good for a name that the stack is reached by.
    NameNotCovered {
        /// The name.
        name: String,
    },
    /// There is no key beside it.
    KeyMissing,
    /// The key beside it belongs to another certificate.
    KeyMismatch,
    /// It can't be read.
    Unreadable {
        /// Why.
        problem: String,
    },
}

/// Why there is no certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// The variable of the password has no value.
    #[error("the variable `{variable}` of the certificate's password is not set")]
    PasswordNotSet {
        /// Its name.
        variable: String,
    },
    /// Anything else; never with a password in it.
    #[error("{0}")]
    Other(String),
}
