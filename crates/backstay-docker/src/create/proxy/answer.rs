//! Answers to Compose.

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderValue, TRANSFER_ENCODING};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

use crate::connection::RawError;

/// The body of an answer.
pub(super) type Body = BoxBody<Bytes, hyper::Error>;

/// JSON.
pub(super) fn json_answer(status: StatusCode, value: &Value) -> Response<Body> {
    whole(status, Bytes::from(value.to_string()))
}

/// An error in the engine's form.
pub(super) fn failure(status: StatusCode, message: &str) -> Response<Body> {
    json_answer(status, &json!({ "message": message }))
}

/// An engine that does not answer.
pub(super) fn unreachable(error: &RawError) -> Response<Body> {
    failure(StatusCode::BAD_GATEWAY, &error.to_string())
}

/// An answer that was read in full.
pub(super) fn whole(status: StatusCode, body: Bytes) -> Response<Body> {
    let body = Full::new(body).map_err(|never| match never {}).boxed();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

/// The engine's own answer, passed on as it comes.
pub(super) fn passed_on(response: Response<Incoming>) -> Response<Body> {
    let mut response = response.map(BodyExt::boxed);
    // These speak of the connection to the engine, not of the one to Compose.
    response.headers_mut().remove(CONNECTION);
    response.headers_mut().remove(TRANSFER_ENCODING);
    response
}
