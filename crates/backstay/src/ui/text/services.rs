//! What services are doing.

use backstay_core::event::Activity;

use super::{Wording, lists};
use crate::i18n::t;

/// The line of something that a service has reached.
pub(super) fn line(wording: &Wording, service: &str, activity: &Activity) -> Option<String> {
    let lang = wording.lang;
    let text = match activity {
        Activity::Completed => t!(lang, "service-completed", service = service),
        Activity::Live => t!(lang, "service-live", service = service),
        Activity::Following { of, restarted: false } => {
            t!(lang, "service-looked-again", service = service, of = of)
        }
        Activity::Following { of, restarted: true } => {
            t!(lang, "service-restarted", service = service, of = of)
        }
        _ => return None,
    };
    Some(wording.good(&text))
}

/// The line of services that are live, where they are many.
pub(super) fn live(wording: &Wording, services: &[String]) -> Option<String> {
    let text = || {
        let names = lists::names(wording, services);
        t!(wording.lang, "services-live", count = services.len(), names = names)
    };
    (!services.is_empty()).then(|| wording.good(&text()))
}

/// The row of something that a service is busy with.
pub(super) fn row(wording: &Wording, service: &str, activity: &Activity) -> Option<String> {
    let lang = wording.lang;
    Some(match activity {
        Activity::Rehearsing => t!(lang, "service-rehearsing", service = service),
        Activity::Waiting { ready, of } => {
            t!(lang, "service-waiting", service = service, ready = *ready, of = *of)
        }
        Activity::Switching => t!(lang, "service-switching", service = service),
        Activity::Saving { bytes } => {
            t!(lang, "data-saving", data = service, size = crate::ui::size::bytes(*bytes))
        }
        Activity::Removing => t!(lang, "service-removing", service = service),
        _ => return None,
    })
}
