//! Why the gateway can't be turned on.

use backstay_core::error::GatewayRefusal;

use super::{CommandError, Exit};
use crate::i18n::{Language, t};

pub(super) fn refused(lang: Language, why: &GatewayRefusal) -> CommandError {
    let services = || t!(lang, "hint-gateway-services");
    let (exit, said, hint) = match why {
        GatewayRefusal::NoPlace { name } => {
            let hint = t!(lang, "hint-gateway-no-place", name = name);
            (Exit::Stack, t!(lang, "gateway-no-place"), hint)
        }
        GatewayRefusal::NoService { service } => {
            (Exit::Usage, t!(lang, "gateway-no-service", service = service), services())
        }
        GatewayRefusal::NoPort { service } => {
            (Exit::Usage, t!(lang, "gateway-no-port", service = service), services())
        }
        GatewayRefusal::Nothing => (Exit::Stack, t!(lang, "gateway-nothing"), services()),
        GatewayRefusal::OldCompose { found, needed } => {
            let said = t!(lang, "gateway-old-compose", found = found, needed = needed);
            (Exit::Engine, said, t!(lang, "hint-gateway-old-compose"))
        }
    };
    CommandError::new(exit, t!(lang, "gateway-refused")).details(vec![said]).hint(hint)
}
