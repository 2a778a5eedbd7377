//! Which certificate is meant: the stack's, or one by its path.

use std::path::{Path, PathBuf};

use backstay_cert::{Error, Info, read};
use backstay_core::Error as CoreError;

use super::configured::{Configured, unreadable};
use super::password;
use crate::errors::{CommandError, Exit};
use crate::i18n::t;
use crate::session::Session;

impl Configured {
    /// Reads the certificate at `path`, or the stack's own, with the names that it should be good for.
    pub(super) fn read(
        &self,
        session: &Session,
        path: Option<&Path>,
    ) -> Result<(PathBuf, Info, Vec<String>), CommandError> {
        let (settings, place) = match path {
            None => self.parsed(session).map(|(settings, place)| (Some(settings), place))?,
            Some(path) => (self.parsed(session).ok().map(|found| found.0), path.to_owned()),
        };
        let bytes = match std::fs::read(&place) {
            Ok(bytes) => with_key(&place, bytes),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let shown = place.to_string_lossy().into_owned();
                let message = t!(session.lang, "cert-missing", path = shown);
                return Err(CommandError::new(Exit::Certificate, message)
                    .hint(t!(session.lang, "hint-cert-missing")));
            }
            Err(error) => return Err(session.error(&CoreError::io("reading", &place, error))),
        };
        let names = settings.as_ref().map(|s| s.request.names.clone());
        // Names are the stack's only where the file is.
        let names = names.filter(|_| path.is_none()).unwrap_or_default();
        let info = match read(&bytes, None) {
            Err(Error::PasswordNeeded) => {
                let password = password::known(session, self, settings.as_ref())?;
                read(&bytes, Some(&password))
            }
            other => other,
        };
        Ok((place, info.map_err(|error| unreadable(session, &error))?, names))
    }
}

/// The key of a PEM file stands in a second one beside it.
fn with_key(place: &Path, mut bytes: Vec<u8>) -> Vec<u8> {
    if place.extension().is_some_and(|ending| ending == "crt")
        && let Ok(key) = std::fs::read(place.with_extension("key"))
    {
        bytes.extend(key);
    }
    bytes
}
