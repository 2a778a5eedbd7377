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
    let (status, line, again) = words(failed);
    let mut response = text(status, line);
    if again {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

/// The same as HTTP/1.1, with its status.
pub(super) fn bytes(failed: &Failed, to_head: bool, last: bool) -> (u16, Vec<u8>) {
    let (status, line, again) = words(failed);
    let text = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {PLAIN}\r\ncontent-length: {length}\r\n{again}{last}\r\n{body}",
        length = line.len() + 1,
        again = if again { "retry-after: 1\r\n" } else { "" },
        last = if last { "connection: close\r\n" } else { "" },
        body = if to_head { String::new() } else { format!("{line}\n") },
    );
    (status.as_u16(), text.into_bytes())
}

const PLAIN: &str = "text/plain; charset=utf-8";

/// The status, a line, and whether it is worth another try soon.
fn words(failed: &Failed) -> (StatusCode, &'static str, bool) {
    let problem = match failed {
        Failed::Refused(Refused::NoRoute) => {
            return (StatusCode::SERVICE_UNAVAILABLE, "no route leads here", false);
        }
        Failed::Refused(Refused::By(problem)) | Failed::At(_, _, problem) => *problem,
    };
    match problem {
        Problem::NoTarget => {
            (StatusCode::SERVICE_UNAVAILABLE, "the service has no container", false)
        }
        Problem::OverLimit => {
            let line = "the service is being replaced, and too many wait";
            (StatusCode::SERVICE_UNAVAILABLE, line, true)
        }
        Problem::HeldTooLong => {
            let line = "the service is being replaced, and that took too long";
            (StatusCode::GATEWAY_TIMEOUT, line, true)
        }
        Problem::Connect => (StatusCode::BAD_GATEWAY, "the service can't be reached", false),
        _ => (StatusCode::BAD_GATEWAY, "the service broke off before it answered", false),
    }
}

/// A line of text.
pub(super) fn text(status: StatusCode, line: &'static str) -> Response<Answer> {
    let mut response = Response::new(Answer::Text(Some(Bytes::from(format!("{line}\n")))));
    *response.status_mut() = status;
    let plain = HeaderValue::from_static(PLAIN);
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}
