//! One call of Compose through the guard.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use backstay_core::engine::Created;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::UPGRADE;
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::{Notify, SetOnce};
use tokio::time::timeout;

use super::answer::{Body, failure, json_answer, passed_on, unreachable, whole};
use super::forward::{Answer, fetch, forwarded, json_request, respond, version, with_name, worse};
use super::guard::{Verdict, image_reference, judge, parameter};
use super::list::filter;
use super::state::{Outcome, State};
use crate::archive;
use crate::connection::{Raw, RawError, encode};
use crate::container::label;
use crate::create::{
    Before, Declared, Draft, InFlight, Orders, Truth, anonymous_volumes, draft, hide_aliases,
    isolate_endpoint, rename_links, resolved_names,
};

/// How long a container that borrows waits for the one that it borrows from.
const PATIENCE: Duration = Duration::from_secs(60);

/// What Compose is to create, and what has been created.
pub(crate) struct Session {
    raw: Arc<Raw>,
    in_flight: InFlight,
    orders: Arc<Orders>,
    /// Known soon after the start; nothing is created before.
    truth: SetOnce<Truth>,
    state: Mutex<State>,
    /// Tells that one more container has been created.
    made: Notify,
}

impl Session {
    pub(crate) fn new(raw: Arc<Raw>, in_flight: InFlight, orders: Arc<Orders>) -> Self {
        Self {
            raw,
            in_flight,
            orders,
            truth: SetOnce::new(),
            state: Mutex::default(),
            made: Notify::new(),
        }
    }

    /// Lets it know what to put right in what Compose sends.
    pub(crate) fn tell(&self, truth: Truth) {
        // There is only one.
        let _ = self.truth.set(truth);
    }

    /// How it went, once Compose has ended.
    pub(crate) fn outcome(&self) -> Outcome {
        let missing = self.orders.services.keys().find(|name| self.is_missing(name)).cloned();
        let state = self.state();
        Outcome {
            begun: state.begun,
            created: state.created.clone(),
            refused: state.refused.clone(),
            missing,
        }
    }

    /// Answers a request.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let verdict = match judge(&parts.method, parts.uri.path(), parts.uri.query().unwrap_or(""))
        {
            Verdict::Archive(id) | Verdict::Connect(id) | Verdict::Start(id) if id.is_empty() => {
                Verdict::Refuse(format!("call {} {}", parts.method, parts.uri.path()))
            }
            _ if parts.headers.contains_key(UPGRADE) => {
                Verdict::Refuse("take over a connection".to_owned())
            }
            verdict => verdict,
        };
        let body = match body.collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) => return failure(StatusCode::BAD_REQUEST, &error.to_string()),
        };
        match verdict {
            Verdict::Pass if parts.method == Method::POST => self.change(parts, body).await,
            Verdict::Pass => self.pass(self.by_id(parts), body).await,
            Verdict::List => self.list(parts, body).await,
            Verdict::Create(name) => self.create(&parts, &name, &body).await,
            Verdict::Archive(id) => self.archive(parts, &id, body).await,
            Verdict::Start(id) => self.start(&id),
            Verdict::Connect(network) => self.connect(parts, &network, &body).await,
            Verdict::Refuse(what) => self.refuse(what),
        }
    }

    /// Looks an image up by its id that the engine does not find by its reference.
    fn by_id(&self, mut parts: Parts) -> Parts {
        let path = parts.uri.path();
        let Some(reference) = image_reference(path) else { return parts };
        let mut wanted = self.orders.services.values().filter_map(|o| o.wanted.image.as_ref());
        if let Some(image) = wanted.find(|image| image.reference == reference) {
            let query = parts.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
            let path = format!("{}/images/{}/json{query}", version(&parts), encode(&image.id));
            if let Ok(uri) = path.parse() {
                parts.uri = uri;
            }
        }
        parts
    }

    async fn pass(&self, parts: Parts, body: Bytes) -> Response<Body> {
        match self.raw.send(forwarded(parts, body)).await {
            Ok(response) => passed_on(response),
            Err(error) => unreachable(&error),
        }
    }

    /// Lets something be changed, whether Compose lives to see the answer or not.
    async fn change(&self, parts: Parts, body: Bytes) -> Response<Body> {
        respond(self.send(forwarded(parts, body)).await)
    }

    async fn list(&self, parts: Parts, body: Bytes) -> Response<Body> {
        let answer = fetch(&self.raw, forwarded(parts, body)).await;
        let list = match &answer {
            Ok((StatusCode::OK, bytes)) => serde_json::from_slice(bytes).ok(),
            _ => None,
        };
        let Some(Value::Array(list)) = list else { return respond(answer) };
        let mut state = self.state();
        let made_here = state.created.iter().map(|created| created.id.clone()).collect();
        let seen = filter(&self.orders, &made_here, list);
        state.visible = seen.numbers;
        state.begun = true;
        json_answer(StatusCode::OK, &Value::Array(seen.list))
    }

    async fn create(&self, parts: &Parts, name: &str, body: &[u8]) -> Response<Body> {
        let Ok(mut body) = serde_json::from_slice::<Value>(body) else {
            return failure(StatusCode::BAD_REQUEST, "the body is not JSON");
        };
        self.truth.wait().await.correct(&mut body);
        self.wait_for_lenders(&body).await;
        let declared = self.declared(parts, &body).await;
        let Some(draft) = self.draft(name, body, &declared) else {
            return self.refuse(format!("create container `{name}`, which nobody asked for"));
        };
        let make = |name: &str, body: &Value| {
            let path = with_name(parts, name);
            self.send(json_request(Method::POST, &path, body))
        };
        let (first, second) = tokio::join!(make(&draft.name, &draft.body), async {
            match &draft.twin {
                Some((name, body)) => Some(make(name, body).await),
                None => None,
            }
        });
        self.note_created(&draft, first, second)
    }

    /// Keeps account of a candidate and its rehearsal; the answer is the candidate's, unless the rehearsal failed.
    fn note_created(&self, draft: &Draft, first: Answer, second: Option<Answer>) -> Response<Body> {
        let id = |answer: &Answer| match answer {
            Ok((status, body)) if status.is_success() => {
                let value: Value = serde_json::from_slice(body).ok()?;
                Some(value.get("Id")?.as_str()?.to_owned())
            }
            _ => None,
        };
        let mut state = self.state();
        let (candidate, twin) = (id(&first), second.as_ref().and_then(id));
        state.created.extend(candidate.as_ref().map(|id| draft.created(id)));
        state.created.extend(twin.as_ref().map(|id| draft.rehearsed(id)));
        if let (Some(candidate), Some(twin)) = (&candidate, &twin) {
            state.twins.insert(candidate.clone(), twin.clone());
        }
        self.made.notify_waiters();
        match second {
            Some(failed) if candidate.is_some() && twin.is_none() => respond(failed),
            _ => respond(first),
        }
    }

    fn draft(&self, name: &str, body: Value, declared: &Declared) -> Option<Draft> {
        let state = self.state();
        let service = body.get("Labels")?.get(label::SERVICE)?.as_str()?;
        let before = Before {
            visible: state.visible.get(service).cloned().unwrap_or_default(),
            twins: state.twins.clone(),
            by_name: state.by_name(),
        };
        draft(&self.orders, name, body, declared, &before)
    }

    /// For Compose, a service that borrows by the name of a container does not depend on the service of that.
    async fn wait_for_lenders(&self, body: &Value) {
        let service = body.get("Labels").and_then(|labels| labels.get(label::SERVICE)?.as_str());
        let Some(order) = service.and_then(|name| self.orders.services.get(name)) else { return };
        if resolved_names(body).is_empty() {
            return;
        }
        let lenders: Vec<&String> =
            order.wanted.borrows.iter().filter(|l| self.orders.services.contains_key(*l)).collect();
        let wait = async {
            loop {
                let made = self.made.notified();
                let mut made = std::pin::pin!(made);
                made.as_mut().enable();
                if lenders.iter().all(|lender| !self.is_missing(lender)) {
                    return;
                }
                made.await;
            }
        };
        // Where it takes longer, the engine says what is wrong.
        let _ = timeout(PATIENCE, wait).await;
    }

    /// Whether containers of a service are still to be created.
    fn is_missing(&self, service: &str) -> bool {
        let Some(order) = self.orders.services.get(service) else { return false };
        let state = self.state();
        let new = state.created.iter().filter(|new| !new.rehearsal && new.service == service);
        let stay = state.visible.get(service).map_or(0, BTreeSet::len);
        new.count() + stay < order.wanted.replicas as usize
    }

    /// What the image brings. Asked only where that matters: a replaced container has volumes to leave behind, or a twin must
    /// not have the image's labels.
    async fn declared(&self, parts: &Parts, body: &Value) -> Declared {
        let service = body.get("Labels").and_then(|l| l.get(label::SERVICE));
        let order = service.and_then(Value::as_str).and_then(|name| self.orders.services.get(name));
        let matters = order.is_some_and(|order| {
            order.wanted.rehearsal
                || order.old.values().any(|old| !anonymous_volumes(old).is_empty())
        });
        let Some(image) = body.get("Image").and_then(Value::as_str).filter(|_| matters) else {
            return Declared::default();
        };
        let path = format!("{}/images/{}/json", version(parts), encode(image).replace("%2F", "/"));
        match fetch(&self.raw, json_request(Method::GET, &path, &Value::Null)).await {
            Ok((StatusCode::OK, body)) => {
                Declared::read(&serde_json::from_slice(&body).unwrap_or_default())
            }
            // The engine refuses the create itself when the image is not there.
            _ => Declared::default(),
        }
    }

    async fn archive(&self, parts: Parts, id: &str, body: Bytes) -> Response<Body> {
        let Some(twin) = self.twin(id) else {
            return self.refuse(format!("write files into container `{id}`"));
        };
        let path = parts.uri.to_string();
        self.note_files(id, twin.as_deref(), parts.uri.query().unwrap_or_default(), &body);
        let first = forwarded(parts.clone(), body.clone());
        let Some(twin) = twin else { return respond(self.send(first).await) };
        let mut second = forwarded(parts, body);
        if let Ok(uri) = path.replacen(id, &twin, 1).parse() {
            *second.uri_mut() = uri;
        }
        let (first, second) = tokio::join!(self.send(first), self.send(second));
        worse(first, second)
    }

    /// Keeps account of what is put into containers.
    fn note_files(&self, id: &str, twin: Option<&str>, query: &str, body: &[u8]) {
        let folder = parameter(query, "path").unwrap_or_default();
        let mut files = archive::files(&folder, body);
        if parameter(query, "copyUIDGID").is_some_and(|flag| flag == "true" || flag == "1") {
            // The container's own user gets them.
            files.iter_mut().for_each(|file| file.owner = None);
        }
        let mut state = self.state();
        let ours = |new: &&mut Created| new.id == id || Some(new.id.as_str()) == twin;
        for created in state.created.iter_mut().filter(ours) {
            created.files.retain(|known| files.iter().all(|file| file.path != known.path));
            created.files.extend(files.iter().cloned());
        }
    }

    /// Lets Compose believe from now on that it starts what it has created: newer versions put files into a container only
    /// when they start it.
    pub(crate) fn pretend_to_start(&self) {
        self.state().starting = true;
    }

    fn start(&self, id: &str) -> Response<Body> {
        let starting = self.state().starting;
        if starting && self.twin(id).is_some() {
            return whole(StatusCode::NO_CONTENT, Bytes::new());
        }
        self.refuse(format!("start container `{id}`"))
    }

    /// Engines before API 1.44 take one network at creation, and the others one by one.
    async fn connect(&self, parts: Parts, network: &str, body: &[u8]) -> Response<Body> {
        let mut body: Value = serde_json::from_slice(body).unwrap_or_default();
        let id = body.get("Container").and_then(Value::as_str).unwrap_or_default().to_owned();
        let Some(twin) = self.twin(&id) else {
            return self.refuse(format!("connect container `{id}` to network `{network}`"));
        };
        let name = self.network_name(&parts, network).await;
        let mut twins_body = body.clone();
        if let Some(endpoint) = body.get_mut("EndpointConfig") {
            self.note_aliases(&id, name, endpoint);
        }
        let path = parts.uri.to_string();
        let first = self.send(json_request(Method::POST, &path, &body)).await;
        let Some(twin) = twin else { return respond(first) };
        twins_body["Container"] = json!(twin);
        if let Some(endpoint) = twins_body.get_mut("EndpointConfig") {
            isolate_endpoint(endpoint);
        }
        worse(first, self.send(json_request(Method::POST, &path, &twins_body)).await)
    }

    fn note_aliases(&self, id: &str, network: String, endpoint: &mut Value) {
        let mut state = self.state();
        let Some(created) = state.created.iter_mut().find(|created| created.id == id) else {
            return;
        };
        let order = self.orders.services.get(&created.service);
        let inside = order.is_some_and(|order| order.wanted.inside);
        let names = crate::container::aliases(id, endpoint);
        if inside {
            created.led.insert(network.clone(), names);
            created.aliases.insert(network, Vec::new());
        } else {
            created.aliases.insert(network, names);
        }
        rename_links(endpoint);
        if inside || order.is_some_and(|order| order.wanted.hidden) {
            hide_aliases(endpoint);
        }
    }

    async fn network_name(&self, parts: &Parts, network: &str) -> String {
        let path = format!("{}/networks/{}", version(parts), encode(network));
        let found = fetch(&self.raw, json_request(Method::GET, &path, &Value::Null)).await;
        let body = found.map(|(_, body)| body).unwrap_or_default();
        let detail: Value = serde_json::from_slice(&body).unwrap_or_default();
        detail.get("Name").and_then(Value::as_str).unwrap_or(network).to_owned()
    }

    /// The rehearsal of a container that was created here. The outer `None` is any other container.
    #[allow(clippy::option_option)] // two questions, both with an answer
    fn twin(&self, id: &str) -> Option<Option<String>> {
        let state = self.state();
        let known = state.created.iter().any(|created| created.id == id && !created.rehearsal);
        known.then(|| state.twins.get(id).cloned())
    }

    fn refuse(&self, what: String) -> Response<Body> {
        let message = format!("backstay does not let Compose {what} while a release is prepared");
        self.state().refused.push(what);
        failure(StatusCode::FORBIDDEN, &message)
    }

    /// Sends what changes something.
    async fn send(&self, request: Request<Full<Bytes>>) -> Answer {
        let raw = Arc::clone(&self.raw);
        let answer = self.in_flight.run(async move { fetch(&raw, request).await }).await;
        answer.unwrap_or_else(|| Err(RawError::Connect(std::io::Error::other("the call was lost"))))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
