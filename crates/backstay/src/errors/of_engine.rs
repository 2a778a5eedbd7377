//! What Docker says when it can't.

use backstay_core::engine::{EngineError, EngineErrorKind};
use backstay_core::ops::freeing;
use backstay_docker::engine_address;

use super::{CommandError, Exit, hints, registry};
use crate::i18n::{Language, t};
use crate::ui::clean;

impl CommandError {
    /// An engine's error.
    pub(crate) fn of_engine(lang: Language, error: &EngineError) -> Self {
        use EngineErrorKind as Kind;
        let words = clean::lines(&error.message);
        let with = |exit, message| Self::new(exit, message).details(words.clone());
        match error.kind {
            Kind::NotInstalled => {
                Self::new(Exit::Engine, t!(lang, "engine-not-installed")).hint(hints::install(lang))
            }
            Kind::NotRunning => {
                let address = engine_address(error);
                let mut found = with(
                    Exit::Engine,
                    match address {
                        Some(address) => t!(lang, "engine-not-running-at", address = address),
                        None => t!(lang, "engine-not-running"),
                    },
                );
                found.hints.extend(hints::reach(lang, address));
                found
            }
            Kind::NoPermission => {
                with(Exit::Engine, t!(lang, "engine-no-permission")).hint(hints::permission(lang))
            }
            Kind::EngineTooOld => {
                with(Exit::Engine, t!(lang, "engine-too-old")).hint(hints::install(lang))
            }
            Kind::ComposeMissing => {
                Self::new(Exit::Engine, t!(lang, "compose-missing")).hint(hints::compose(lang))
            }
            Kind::ComposeTooOld => {
                with(Exit::Engine, t!(lang, "compose-too-old")).hint(hints::compose(lang))
            }
            Kind::InvalidStack => with(Exit::Stack, t!(lang, "stack-not-valid"))
                .hint(t!(lang, "hint-stack-not-valid")),
            Kind::FileMissing => with(Exit::Stack, t!(lang, "stack-file-missing"))
                .hint(t!(lang, "hint-stack-file-missing")),
            Kind::PortTaken => {
                with(Exit::Machine, t!(lang, "engine-port-taken")).hint(t!(lang, "hint-port"))
            }
            Kind::LostCount => {
                let command = freeing(&error.remains);
                let hint = hints::stuck(lang, Some(&command));
                let shown = (!error.remains.is_empty()).then_some(command);
                with(Exit::Machine, t!(lang, "engine-lost-count"))
                    .details(shown.into_iter().collect())
                    .hint(hint)
            }
            Kind::DiskFull => {
                with(Exit::Machine, t!(lang, "disk-full")).hint(t!(lang, "hint-disk-full"))
            }
            Kind::GatewayProgram => with(Exit::Machine, t!(lang, "engine-gateway-program"))
                .hint(t!(lang, "hint-gateway-program")),
            Kind::Build => with(Exit::Unexpected, t!(lang, "failed-build")),
            Kind::Pull => {
                let mut found = with(Exit::Unexpected, t!(lang, "failed-pull"));
                found.hints.extend(registry::hint(lang, &error.message));
                found
            }
            Kind::NotFound | Kind::Conflict | Kind::Hook | Kind::Other => {
                with(Exit::Unexpected, t!(lang, "engine-refused", action = &error.action))
            }
        }
    }
}
