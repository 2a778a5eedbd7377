//! A request, from its head to the head of its answer.

use super::answer::{self, Answer, Relay};
use super::exchange::{Exchanged, Failed, exchange};
use super::upstream::Own;
use super::{headers, told, upgrade};
use crate::access_log::Entry;
use crate::client::{Busy, Client, Refused};
use crate::outgoing::{Outgoing, Permission};
use crate::route::{Flight, Phase, Route};
use crate::stats::Problem;
use backstay_routes::Side;
use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode, Version};
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// What is kept of a request for the access log.
pub(super) struct Logged {
    method: Method,
    path: String,
}

impl Logged {
    /// Of a request that went the short way.
    pub(super) fn new(is_head: bool, path: String) -> Self {
        Self { method: if is_head { Method::HEAD } else { Method::GET }, path }
    }
}

/// Answers a request.
pub(super) async fn forward(
    client: Arc<Client>,
    own: Arc<Own>,
    request: Request<Incoming>,
) -> Result<Response<Answer>, Infallible> {
    let busy = client.begin();
    let began = Instant::now();
    let one = request.version() != Version::HTTP_2;
    let logged = client.shared.access_log.is_on().then(|| Logged {
        method: request.method().clone(),
        path: request.uri().path_and_query().map_or("", |path| path.as_str()).to_owned(),
    });
    let mut response = answer(&client, &own, request, began, busy, logged.as_ref()).await;
    // HTTP/2 has a frame of its own for that.
    if one
        && client.shared.phase() != Phase::Serving
        && response.status() != StatusCode::SWITCHING_PROTOCOLS
    {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response)
}

async fn answer(
    client: &Arc<Client>,
    own: &Arc<Own>,
    mut request: Request<Incoming>,
    began: Instant,
    busy: Busy,
    logged: Option<&Logged>,
) -> Response<Answer> {
    if request.method() == Method::CONNECT {
        let line = "CONNECT is not for a gateway before a service";
        return told::text(StatusCode::METHOD_NOT_ALLOWED, line);
    }
    let wanted = headers::upgrade(request.headers(), request.version());
    let client_side = wanted.is_some().then(|| hyper::upgrade::on(&mut request));
    let permission = headers::expects_continue(&request).then(Arc::<Permission>::default);
    let two = request.version() == Version::HTTP_2;
    let mut request = prepare(client, request, wanted, permission.as_ref());
    let sent = request.body_mut().sent();
    let exchanged = match exchange(client, own, request, two, permission.as_ref()).await {
        Ok(exchanged) => exchanged,
        Err(failed) => {
            count_failed(client, &failed);
            let response = told::told(&failed);
            if let Some(logged) = logged {
                let (route, flight) = failed.at();
                log(client, logged, route, flight, response.status().as_u16(), began);
            }
            return response;
        }
    };
    let Exchanged { mut response, route, mut flight, mut sender } = exchanged;
    // The answer has begun before the request was sent whole: both go on, whether or not the client reads.
    if response.status() == StatusCode::SWITCHING_PROTOCOLS
        || sent.is_some_and(|sent| !sent.load(Relaxed))
    {
        sender.detach();
    }
    let target = Arc::clone(flight.target());
    target.succeeded();
    target.counts.requests.fetch_add(1, Relaxed);
    target.counts.answered(response.status().as_u16(), began.elapsed());
    if !client.listener.spoke_http.load(Relaxed) {
        client.listener.spoke_http.store(true, Relaxed);
    }
    if let Some(logged) = logged {
        log(client, logged, Some(&route), Some(&flight), response.status().as_u16(), began);
    }
    if response.status() == StatusCode::SWITCHING_PROTOCOLS
        && let Some(client_side) = client_side
    {
        let agreed = headers::upgrade(response.headers(), response.version());
        headers::strip(response.headers_mut(), agreed);
        flight.becomes_stream();
        target.counts.streams.fetch_add(1, Relaxed);
        let service_side = hyper::upgrade::on(&mut response);
        tokio::spawn(upgrade::carry(client_side, service_side, flight, busy));
        return response.map(|_| answer::nothing());
    }
    // It answers while it takes the body, and may need it for the rest of its answer.
    if let Some(permission) = &permission
        && response.status().is_success()
    {
        permission.give();
    }
    let kept = headers::kept_for(response.headers());
    headers::strip(response.headers_mut(), None);
    if !two {
        *response.version_mut() = Version::HTTP_11;
    }
    let mut cut = None;
    if is_event_stream(&response) {
        flight.becomes_stream();
        target.counts.streams.fetch_add(1, Relaxed);
        let mut notified = Box::pin(Arc::clone(&target.cut).notified_owned());
        notified.as_mut().enable();
        cut = Some(notified);
    }
    let back = sender.back(client, own, &route, &target, kept);
    response.map(|inner| {
        Answer::Relay(Relay { inner, flight, back, cut, permission, ended: false, _busy: busy })
    })
}

/// The request as the service gets it.
fn prepare(
    client: &Client,
    mut request: Request<Incoming>,
    upgrade: Option<HeaderValue>,
    permission: Option<&Arc<Permission>>,
) -> Request<Outgoing> {
    headers::strip(request.headers_mut(), upgrade);
    if client.listener.side == Side::Outside {
        let (mut head, body) = request.into_parts();
        headers::say_who(&mut head.headers, &head.uri, client.peer.ip(), &client.shown);
        request = Request::from_parts(head, body);
    }
    if request.version() != Version::HTTP_2 {
        headers::to_origin_form(&mut request);
    }
    let mut request = request.map(Outgoing::new);
    if let Some(permission) = permission {
        request.body_mut().wait_for(Arc::clone(permission));
        let given = Arc::clone(permission);
        hyper::ext::on_informational(&mut request, move |informational| {
            if informational.status() == StatusCode::CONTINUE {
                given.give();
            }
        });
    }
    request
}

pub(super) fn count_failed(client: &Client, failed: &Failed) {
    match failed {
        Failed::At(flight, _, _) => drop(flight.target().counts.requests.fetch_add(1, Relaxed)),
        Failed::Refused(Refused::By(Problem::ClientGone)) => {}
        Failed::Refused(_) => {
            if let (_, Some(route)) = client.route() {
                route.service.live.counts.requests.fetch_add(1, Relaxed);
            }
        }
    }
}

fn is_event_stream(response: &Response<Incoming>) -> bool {
    response.headers().get(CONTENT_TYPE).is_some_and(|value| {
        let kind = b"text/event-stream";
        value.as_bytes().get(..kind.len()).is_some_and(|start| start.eq_ignore_ascii_case(kind))
    })
}

pub(super) fn log(
    client: &Client,
    logged: &Logged,
    route: Option<&Route>,
    flight: Option<&Flight>,
    status: u16,
    began: Instant,
) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let millis = |time: std::time::Duration| u64::try_from(time.as_millis()).unwrap_or(0);
    client.shared.access_log.write(&Entry {
        at_ms: millis(now),
        client: client.peer.to_string(),
        port: client.listener.port,
        service: route.map_or("", |route| &route.service.name),
        target: flight.map_or("", |flight| &flight.target().name),
        release: flight.map_or("", |flight| &flight.target().release),
        method: logged.method.as_str(),
        path: &logged.path,
        status,
        took_us: u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX),
    });
}
