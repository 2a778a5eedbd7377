//! Certificates: made and read elsewhere, so that the transaction has no cryptography of its own.

use jiff::Timestamp;
use serde_json::Value;

use crate::certificate::{CertificateError, Checked, Made, Outline};

/// Gives the value of a variable of the stack.
pub type Variables<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Makes and reads the certificate that `x-backstay.certificate` (here `settings`) describes.
pub trait Certificates: Send + Sync {
    /// The files that a certificate becomes, as written there; the PFX file first.
    ///
    /// # Errors
    /// A setting that is not valid, and a password that is not set or can't be used.
    fn outline(
        &self,
        settings: &Value,
        variables: &Variables<'_>,
    ) -> Result<Outline, CertificateError>;

    /// What is to be said of a PFX file that is there.
    ///
    /// # Errors
    /// When it can't be read with this password.
    fn check(
        &self,
        settings: &Value,
        variables: &Variables<'_>,
        pfx: &[u8],
        now: Timestamp,
    ) -> Result<Checked, CertificateError>;

    /// The files: of the certificate and key in `kept` (PFX, or PEM of both), else of new ones.
    ///
    /// # Errors
    /// When they can't be made, or `kept` can't be read.
    fn make(
        &self,
        settings: &Value,
        variables: &Variables<'_>,
        kept: Option<&[u8]>,
        now: Timestamp,
    ) -> Result<Made, CertificateError>;
}
