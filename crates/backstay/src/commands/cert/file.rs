//! Which certificate is meant: the stack's, or one by its path.

use std::path::{Path, PathBuf};

use backstay_cert::{Error, Info, Settings, read};
use backstay_core::ops::certificate::configured;
use backstay_core::stack::StackRef;
use backstay_core::{Error as CoreError, ports::CertificateError};
use serde_json::{Map, Value};

use super::password;
use crate::commands::world::World;
use crate::errors::{CommandError, Exit};
use crate::i18n::t;
use crate::session::Session;

/// The stack, where there is one, and what it says of its certificate.
pub(super) struct Configured {
    pub(super) stack: Option<StackRef>,
    pub(super) settings: Map<String, Value>,
}

impl Configured {
    /// Looks for it. Where the file is `named`, no stack is needed.
    pub(super) async fn find(session: &Session, named: bool) -> Result<Self, CommandError> {
        let stack = match session.stack() {
            Ok(stack) => stack,
            Err(_) if named => return Ok(Self { stack: None, settings: Map::new() }),
            Err(error) => return Err(error),
        };
        let world = World::new(session, &stack);
        let settings = match configured(&world.idle(), &stack).await {
            Ok(Some(Value::Object(settings))) => settings,
            Ok(_) => Map::new(),
            Err(_) if named => Map::new(),
            Err(error) => return Err(session.error(&error)),
        };
        Ok(Self { stack: Some(stack), settings })
    }

    /// The settings, with the PFX file's place.
    pub(super) fn parsed(&self, session: &Session) -> Result<(Settings, PathBuf), CommandError> {
        if !self.settings.contains_key("path") {
            let lang = session.lang;
            return Err(CommandError::new(Exit::Stack, t!(lang, "cert-not-configured"))
                .hint(t!(lang, "hint-cert-not-configured")));
        }
        let settings = Settings::parse(&Value::Object(self.settings.clone()));
        let settings = settings.map_err(|error| unreadable(session, &error))?;
        let place = self.place(&settings.path);
        Ok((settings, place))
    }

    /// Where a path of the settings leads.
    pub(super) fn place(&self, path: &str) -> PathBuf {
        let base = self.stack.as_ref().map(|stack| stack.directory.clone());
        let joined = base.unwrap_or_default().join(path);
        joined.components().filter(|part| *part != std::path::Component::CurDir).collect()
    }

    /// The value of a variable of the stack or of the environment.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        let store = backstay_core::store::DiskStore;
        match &self.stack {
            Some(stack) => {
                backstay_core::ops::certificate::variable_of(stack, name, &store).ok().flatten()
            }
            None => std::env::var(name).ok(),
        }
    }

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

/// No error of a certificate carries a password.
pub(super) fn unreadable(session: &Session, error: &Error) -> CommandError {
    CommandError::of_certificate(session.lang, &CertificateError::Other(error.to_string()))
}
