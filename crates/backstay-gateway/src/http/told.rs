//! The gateway's own answers: a line of text each, which says what is wrong and with what.

use super::answer::Answer;
use super::exchange::Failed;
use crate::client::Refused;
use crate::stats::Problem;
use bytes::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Response, StatusCode};

/// What a client is told.
pub(super) fn told(failed: &Failed) -> Response<Answer> {
    let problem = match failed {
        Failed::Refused(Refused::NoRoute) => None,
        Failed::Refused(Refused::By(problem)) | Failed::At(_, _, problem) => Some(*problem),
    };
    let (status, line) = match problem {
        None => (StatusCode::SERVICE_UNAVAILABLE, "no route leads here"),
        Some(Problem::NoTarget) => {
            (StatusCode::SERVICE_UNAVAILABLE, "the service has no container")
        }
        Some(Problem::OverLimit) => {
            (StatusCode::SERVICE_UNAVAILABLE, "the service is being replaced, and too many wait")
        }
        Some(Problem::HeldTooLong) => {
            (StatusCode::GATEWAY_TIMEOUT, "the service is being replaced, and that took too long")
        }
        Some(Problem::Connect) => (StatusCode::BAD_GATEWAY, "the service can't be reached"),
        Some(_) => (StatusCode::BAD_GATEWAY, "the service broke off before it answered"),
    };
    let mut response = text(status, line);
    if matches!(problem, Some(Problem::OverLimit | Problem::HeldTooLong)) {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

/// A line of text.
pub(super) fn text(status: StatusCode, line: &'static str) -> Response<Answer> {
    let mut response = Response::new(Answer::Text(Some(Bytes::from(format!("{line}\n")))));
    *response.status_mut() = status;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}
