//! Creating containers: by Compose through the guard, or from what `docker inspect` once showed.
//!
//! Both ways end in the same place: [`draft`] turns the body of a create call into a candidate and, where one is wanted,
//! its rehearsal.

mod by_compose;
mod by_start;
mod compose_up;
mod declared;
mod draft;
mod endpoints;
mod in_flight;
mod inherit;
mod naming;
mod orders;
mod pointers;
mod proxy;
mod recorded;
mod recorded_body;
mod recorded_network;
mod truth;
mod twin;

use backstay_core::engine::{
    CreateFrom, CreateRequest, Created, EngineError, EngineErrorKind, EngineResult,
};

use crate::connection::Connection;
use orders::inspect_replaced;

pub(crate) use declared::Declared;
pub(crate) use draft::{Before, Draft, draft};
pub(crate) use endpoints::hide_aliases;
pub(crate) use in_flight::InFlight;
pub(crate) use inherit::anonymous_volumes;

pub(crate) use orders::{Order, Orders};
pub(crate) use pointers::{rename_links, resolved_names};
pub(crate) use truth::Truth;
pub(crate) use twin::isolate_endpoint;

/// Creates the containers of a request.
pub(crate) async fn create(
    engine: &Connection,
    in_flight: &InFlight,
    request: &CreateRequest<'_>,
    state: &str,
) -> EngineResult<Vec<Created>> {
    let old = inspect_replaced(engine, request).await?;
    let orders = Orders::new(request, &old, state);
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    let mut created = match &request.source {
        CreateFrom::Compose(stack) => by_compose::create(engine, in_flight, stack, orders).await?,
        CreateFrom::Recorded(records) => {
            recorded::create(engine, in_flight, request, records, &orders).await?
        }
    };
    let place = |name: &str| request.services.iter().position(|wanted| wanted.service == name);
    created.sort_by_key(|new| (place(&new.service), new.number, new.rehearsal));
    Ok(created)
}

/// An error of this operation.
fn error(kind: EngineErrorKind, message: impl Into<String>) -> EngineError {
    EngineError::new(kind, "creating containers", message)
}
