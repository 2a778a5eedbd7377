//! What can go wrong. No message carries a password or a key.

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error with what a person needs in order to act. Which file it is about is known to the caller, who adds it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A part of a request is not valid.
    #[error("the certificate's `{field}` is not valid: {problem}")]
    Request {
        /// The part: a field of [`Request`](crate::Request).
        field: &'static str,
        /// What is wrong with it, and what it should be.
        problem: String,
    },
    /// A name can't stand in a certificate.
    #[error("`{name}` can't be a name of the certificate: {problem}")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it, and what it should be.
        problem: String,
    },
    /// A setting is not valid.
    #[error("`{key}` {problem}")]
    Settings {
        /// The full key, as `x-backstay.certificate.valid_days`.
        key: String,
        /// What is wrong with it, and what it should be. Never holds the value of a password.
        problem: String,
    },
    /// The password does not open the file.
    #[error(
        "the password does not open the certificate file, or the file is damaged: check the password's variable"
    )]
    WrongPassword,
    /// The file needs a password and none was given.
    #[error("the certificate file is protected: its password is needed")]
    PasswordNeeded,
    /// A password can't be used in a PFX file.
    #[error("the password can't be used for a PFX file: {problem}")]
    Password {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The bytes are not what they should be.
    #[error("not a certificate that can be read: {problem}")]
    Unreadable {
        /// What was found.
        problem: String,
    },
    /// Making a certificate failed.
    #[error("the certificate can't be made: {action}: {problem}")]
    Create {
        /// What was tried.
        action: &'static str,
        /// Why it failed.
        problem: String,
    },
}

impl Error {
    /// For `map_err`: a step of making a certificate failed.
    pub(crate) fn create<E: std::fmt::Display>(action: &'static str) -> impl FnOnce(E) -> Self {
        move |error| Self::Create { action, problem: error.to_string() }
    }

    pub(crate) fn unreadable(problem: impl Into<String>) -> Self {
        Self::Unreadable { problem: problem.into() }
    }
}
