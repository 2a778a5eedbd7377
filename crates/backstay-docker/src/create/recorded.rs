//! Creating containers as they once were, without their files.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::PoisonError;

use backstay_core::engine::{ContainerFile, CreateRequest, Created, EngineErrorKind, EngineResult};
use futures_util::{StreamExt, stream};
use hyper::Method;
use serde_json::{Value, json};

use super::declared::Declared;
use super::draft::{Before, Draft, draft};
use super::in_flight::InFlight;

use super::orders::Orders;
use super::recorded_body::{body, borrow_from_new, borrowed};
use super::{error, recorded_network};
use crate::archive;
use crate::connection::{Connection, encode, message_of};
use crate::container::label;
use crate::error::from_status;
use crate::images;
use backstay_core::naming::live_name;

/// How many containers are created at a time.
const PARALLEL: usize = 8;

/// What has been created so far.
#[derive(Default)]
struct Made {
    created: Vec<Created>,
    /// From the id in a record to the id of the new container, and from that to its rehearsal.
    new: BTreeMap<String, String>,
    twins: BTreeMap<String, String>,
}

/// Creates the ordered services from records.
pub(super) async fn create(
    engine: &Connection,
    in_flight: &InFlight,
    request: &CreateRequest<'_>,
    records: &[Value],
    orders: &Orders,
) -> EngineResult<Vec<Created>> {
    let records = chosen(request, records)?;
    recorded_network::ensure(engine, request.project, &records).await?;
    let made = Mutex::new(Made::default());
    // Those that borrow from others come after them, in the order of the services.
    let ids: BTreeSet<&str> = records.iter().filter_map(|r| r.get("Id")?.as_str()).collect();
    let (late, first): (Vec<&Value>, Vec<&Value>) =
        records.iter().partition(|record| borrowed(record).iter().any(|id| ids.contains(id)));
    let mut makes = Vec::with_capacity(first.len());
    for record in first {
        makes.push(one(engine, in_flight, orders, &made, record));
    }
    let mut calls = stream::iter(makes).buffer_unordered(PARALLEL);
    while let Some(done) = calls.next().await {
        done?;
    }
    drop(calls);
    for record in late {
        one(engine, in_flight, orders, &made, record).await?;
    }
    Ok(made.into_inner().unwrap_or_else(PoisonError::into_inner).created)
}

/// The records of the ordered services, as many of each as it is to have, by number.
fn chosen<'a>(request: &CreateRequest<'_>, records: &'a [Value]) -> EngineResult<Vec<&'a Value>> {
    let mut chosen = Vec::new();
    for wanted in request.services {
        let name = wanted.service.as_str();
        let mut mine: Vec<&Value> =
            records.iter().filter(|record| label(record, label::SERVICE) == Some(name)).collect();
        mine.sort_by_key(|record| {
            label(record, label::NUMBER).and_then(|number| number.parse::<u32>().ok()).unwrap_or(1)
        });
        if mine.len() < wanted.replicas as usize {
            let message = format!("there are too few records of containers of service `{name}`");
            return Err(error(EngineErrorKind::NotFound, message));
        }
        chosen.extend(mine.into_iter().take(wanted.replicas as usize));
    }
    Ok(chosen)
}

async fn one(
    engine: &Connection,
    in_flight: &InFlight,
    orders: &Orders,
    made: &Mutex<Made>,
    record: &Value,
) -> EngineResult<()> {
    let text = |key: &str| record.get(key).and_then(Value::as_str).unwrap_or_default();
    let name = live_name(text("Name").trim_start_matches('/')).to_owned();
    let mut body = body(record);
    let image = image(engine, orders, record).await?;
    body["Image"] = json!(image);
    let declared = images::inspect(engine, &image).await?.unwrap_or_default();
    let drafted = {
        let made = made.lock().unwrap_or_else(PoisonError::into_inner);
        borrow_from_new(&mut body, |old| made.new.get(old).cloned());
        let declared = Declared::read(&declared);
        let before = Before { twins: made.twins.clone(), ..Before::default() };
        draft(orders, &name, body, &declared, &before)
    };
    let Some(draft) = drafted else {
        let message = format!("the record of container `{name}` lacks Compose's labels");
        return Err(error(EngineErrorKind::Other, message));
    };
    let files = ContainerFile::recorded(record);
    let id = post(engine, in_flight, &draft.name, &draft.body).await?;
    keep(made, |made| {
        made.new.insert(text("Id").to_owned(), id.clone());
        made.created.push(Created { files: files.clone(), ..draft.created(&id) });
    });
    archive::put(engine, &id, &files).await?;
    if let Some((name, body)) = &draft.twin {
        let twin = post(engine, in_flight, name, body).await?;
        keep(made, |made| {
            let rehearsed = Draft::rehearsed(&draft, &twin);
            made.created.push(Created { files: files.clone(), ..rehearsed });
            made.twins.insert(id, twin.clone());
        });
        archive::put(engine, &twin, &files).await?;
    }
    Ok(())
}

fn keep(made: &Mutex<Made>, change: impl FnOnce(&mut Made)) {
    change(&mut made.lock().unwrap_or_else(PoisonError::into_inner));
}

/// The image that is ordered by its id; else the recorded reference where it still means the recorded image, else the image's id.
async fn image(engine: &Connection, orders: &Orders, record: &Value) -> EngineResult<String> {
    let order = label(record, label::SERVICE).and_then(|name| orders.services.get(name));
    if let Some(image) = order.and_then(|order| order.wanted.image.as_ref()) {
        return Ok(image.id.clone());
    }
    let text = |pointer: &str| record.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (reference, id) = (text("/Config/Image"), text("/Image"));
    let now = if reference.is_empty() { None } else { images::id(engine, reference).await? };
    Ok(if now.as_deref() == Some(id) { reference.to_owned() } else { id.to_owned() })
}

/// Creates a container. Engines before API 1.44 take one network at creation, and the others one by one.
async fn post(
    engine: &Connection,
    in_flight: &InFlight,
    name: &str,
    body: &Value,
) -> EngineResult<String> {
    let action = format!("creating container `{name}`");
    let mut body = body.clone();
    let later = if engine.speaks(1, 44) { Vec::new() } else { split_networks(&mut body) };
    let path = format!("/v{}/containers/create?name={}", engine.api, encode(name));
    let raw = std::sync::Arc::clone(&engine.raw);
    let call = async move { raw.exchange(Method::POST, &path, Some(&body)).await };
    let lost = || error(EngineErrorKind::Other, "the call was lost");
    let reply = in_flight.run(call).await.ok_or_else(lost)?;
    let reply = reply.map_err(|error| error.into_engine(&action, &engine.host))?;
    if !reply.status.is_success() {
        return Err(from_status(action, reply.status.as_u16(), &message_of(&reply.body)));
    }
    let answer: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let id = answer.get("Id").and_then(Value::as_str).unwrap_or_default().to_owned();
    for (network, settings) in later {
        let path = format!("/networks/{}/connect", encode(&network));
        let body = json!({"Container": id, "EndpointConfig": settings});
        engine.api().call(&action, Method::POST, &path, Some(&body)).await?;
    }
    Ok(id)
}

/// Leaves the network of `NetworkMode` in the body and returns the others.
fn split_networks(body: &mut Value) -> Vec<(String, Value)> {
    let mode = body.pointer("/HostConfig/NetworkMode").and_then(Value::as_str).map(str::to_owned);
    let endpoints = body.pointer_mut("/NetworkingConfig/EndpointsConfig");
    let Some(endpoints) = endpoints.and_then(Value::as_object_mut) else { return Vec::new() };
    let first = mode.filter(|mode| endpoints.contains_key(mode));
    let Some(first) = first.or_else(|| endpoints.keys().next().cloned()) else { return Vec::new() };
    let (stay, later) = std::mem::take(endpoints).into_iter().partition(|(name, _)| *name == first);
    *endpoints = stay;
    let later: serde_json::Map<String, Value> = later;
    later.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_network_stays_in_the_body() {
        let mut body = json!({"HostConfig": {"NetworkMode": "b"},
            "NetworkingConfig": {"EndpointsConfig": {"a": {"x": 1}, "b": {}}}});
        assert_eq!(split_networks(&mut body), [("a".to_owned(), json!({"x": 1}))]);
        assert_eq!(body["NetworkingConfig"]["EndpointsConfig"], json!({"b": {}}));
    }
}
