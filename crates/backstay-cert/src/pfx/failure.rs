//! Why a PFX file is not opened.

use der::asn1::ObjectIdentifier;

use crate::Error;

/// Why a PFX file is not opened.
#[derive(Debug)]
pub(super) enum Failure {
    /// The password does not fit, or what it protects is damaged: nothing tells one from the other.
    Password,
    /// It is encrypted or protected by something that is not known here, of this name.
    Unknown(ObjectIdentifier),
    /// Its keys ask for more rounds together than these, which is the most.
    Rounds(u32),
    /// Something outside of what the password protects is not as it should be.
    Damaged(der::Error),
}

impl Failure {
    /// What a caller is told. Without a password, one is asked for.
    pub(super) fn explain(self, password: Option<&str>) -> Error {
        match self {
            Self::Password if password.is_none() => Error::PasswordNeeded,
            Self::Password => Error::WrongPassword,
            Self::Unknown(name) => Error::unreadable(format!(
                "the PFX file is encrypted in a way that is not known here ({name}); write it again with AES-256 or 3DES"
            )),
            Self::Rounds(most) => Error::unreadable(format!(
                "the keys of the PFX file ask for more than {most} rounds together; write it again with fewer, as 100000"
            )),
            Self::Damaged(error) => Error::unreadable(format!("the PFX file is damaged: {error}")),
        }
    }
}

impl From<der::Error> for Failure {
    fn from(error: der::Error) -> Self {
        Self::Damaged(error)
    }
}
