//! Requests and answers on their way through the guard.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, TRANSFER_ENCODING};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};
use serde_json::Value;

use super::answer::{Body, failure, unreachable, whole};
use super::guard::unversioned;
use crate::connection::{Raw, RawError, encode, message_of};

/// An answer of the engine that was read in full.
pub(super) type Answer = Result<(StatusCode, Bytes), RawError>;

/// Sends a request and reads all of the answer.
pub(super) async fn fetch(raw: &Raw, request: Request<Full<Bytes>>) -> Answer {
    let response = raw.send(request).await?;
    let status = response.status();
    let body = response.into_body().collect().await.map_err(RawError::Http)?;
    Ok((status, body.to_bytes()))
}

/// Passes an answer on.
pub(super) fn respond(answer: Answer) -> Response<Body> {
    match answer {
        Ok((status, body)) => whole(status, body),
        Err(error) => unreachable(&error),
    }
}

/// The answer that is a failure, where one of them is.
pub(super) fn worse(first: Answer, second: Answer) -> Response<Body> {
    match &second {
        Ok((status, _)) if status.is_success() => respond(first),
        Ok((status, body)) => failure(*status, &message_of(body)),
        Err(error) => unreachable(error),
    }
}

/// Compose's request, for the engine. Its body was read in full and is sent with its length.
pub(super) fn forwarded(parts: Parts, body: Bytes) -> Request<Full<Bytes>> {
    let mut request = Request::from_parts(parts, Full::new(body));
    request.headers_mut().remove(TRANSFER_ENCODING);
    request.headers_mut().remove(CONTENT_LENGTH);
    request
}

/// A request of our own.
pub(super) fn json_request(method: Method, path: &str, body: &Value) -> Request<Full<Bytes>> {
    let text = if body.is_null() { String::new() } else { body.to_string() };
    let mut request = Request::new(Full::from(text));
    *request.method_mut() = method;
    *request.uri_mut() = path.parse().unwrap_or_default();
    let json = HeaderValue::from_static("application/json");
    request.headers_mut().insert(CONTENT_TYPE, json);
    request
}

/// `/v1.45` of a request's path.
pub(super) fn version(parts: &Parts) -> &str {
    let path = parts.uri.path();
    &path[..path.len() - unversioned(path).len()]
}

/// The request's path with another container name.
pub(super) fn with_name(parts: &Parts, name: &str) -> String {
    let query = parts.uri.query().unwrap_or_default().split('&');
    let others = query.filter(|pair| !pair.is_empty() && !pair.starts_with("name="));
    let mut query = format!("name={}", encode(name));
    for pair in others {
        query.push('&');
        query.push_str(pair);
    }
    format!("{}?{query}", parts.uri.path())
}
