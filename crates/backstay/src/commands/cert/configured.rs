//! The stack, and what it says of its certificate.

use std::path::PathBuf;

use backstay_cert::{Error, Settings};
use backstay_core::ops::certificate::configured;
use backstay_core::ports::CertificateError;
use backstay_core::stack::StackRef;
use serde_json::{Map, Value};

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
}

/// No error of a certificate carries a password.
pub(super) fn unreadable(session: &Session, error: &Error) -> CommandError {
    CommandError::of_certificate(session.lang, &CertificateError::Other(error.to_string()))
}
