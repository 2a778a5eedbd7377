//! What every `docker compose up` of this operation has: how many containers it names, and what is made of its end.

use backstay_core::engine::{EngineErrorKind, EngineResult};

use super::error;
use super::orders::Orders;
use crate::compose::{Ended, classify, last_words};
use crate::create::proxy::Outcome;

pub(super) const ACTION: &str = "creating containers";

/// An error where Compose has not done what it was to do.
pub(super) fn conclude(ended: &Ended, outcome: &Outcome) -> EngineResult<()> {
    if !ended.status.success() {
        if let Some(refused) = outcome.refused.first() {
            let message = format!("Compose wanted to {refused}, which a release must not do yet");
            return Err(error(EngineErrorKind::Conflict, message));
        }
        let message = last_words(&ended.stderr);
        // Compose ends with 1 for every error that is not one of the files'.
        let code = ended.status.code().filter(|code| *code != 1);
        return Err(error(classify(code, &message), message));
    }
    if let Some(missing) = &outcome.missing {
        let message = format!("Compose created too few containers of service `{missing}`");
        return Err(error(EngineErrorKind::Other, message));
    }
    Ok(())
}

/// How many containers each of these services has. One that is not to be created must not be named: newer versions of Compose
/// do not find it then.
pub(super) fn scales<'a>(
    orders: &Orders,
    services: impl Iterator<Item = &'a String>,
) -> Vec<String> {
    let orders = services.filter_map(|name| Some((name, orders.services.get(name)?)));
    orders
        .flat_map(|(name, order)| {
            ["--scale".to_owned(), format!("{name}={}", order.wanted.replicas)]
        })
        .collect()
}
