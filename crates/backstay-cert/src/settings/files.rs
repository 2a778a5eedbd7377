//! The files that a certificate becomes.

use std::fmt;

use zeroize::Zeroizing;

use super::Settings;
use crate::{Certificate, Result};

/// A file to write.
pub struct OutputFile {
    /// Its path, relative to the folder of the compose file.
    pub path: String,
    /// Its contents, wiped from memory when dropped.
    pub contents: Zeroizing<Vec<u8>>,
    /// Its permission bits: 0600.
    pub mode: u32,
}

impl fmt::Debug for OutputFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutputFile").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Settings {
    /// The paths that [`files`](Self::files) gives, the PFX file first: `shop.pfx`, and with PEM `shop.crt` and
    /// `shop.key`.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        let mut paths = vec![self.path.clone()];
        if self.pem {
            let stem = &self.path[..self.path.len() - ".pfx".len()];
            paths.extend([format!("{stem}.crt"), format!("{stem}.key")]);
        }
        paths
    }

    /// The files that a certificate becomes.
    ///
    /// # Errors
    /// As [`Certificate::to_pfx`].
    pub fn files(&self, certificate: &Certificate, password: &str) -> Result<Vec<OutputFile>> {
        let pfx = certificate.to_pfx(password, self.encryption(), certificate.common_name())?;
        let pem =
            [certificate.pem_certificate().into_bytes(), certificate.pem_key().as_bytes().to_vec()];
        let contents = [pfx].into_iter().chain(pem);
        let file =
            |(path, contents)| OutputFile { path, contents: Zeroizing::new(contents), mode: 0o600 };
        Ok(self.paths().into_iter().zip(contents).map(file).collect())
    }
}
