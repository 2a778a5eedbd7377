//! Plain HTTP to the engine, for what must arrive as the engine said it: typed clients drop the fields that they do not know.

use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use backstay_core::engine::{EngineError, EngineErrorKind, EngineResult};
use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, CONTENT_TYPE, HOST, HeaderValue, UPGRADE};
use hyper::upgrade::Upgraded;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;

use super::address::Address;
use crate::error;

type Sender = http1::SendRequest<Full<Bytes>>;

/// A body that is made while it is sent.
pub(crate) type StreamedBody = UnsyncBoxBody<Bytes, io::Error>;

const IDLE_LIMIT: usize = 32;

/// How long an answer may take, but for creating things.
const PATIENCE: Duration = Duration::from_secs(120);

/// A client of the engine.
pub(crate) struct Raw {
    address: Address,
    idle: Mutex<Vec<Sender>>,
}

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RawError {
    /// The engine could not be reached.
    #[error("{0}")]
    Connect(#[source] io::Error),
    /// The exchange broke off.
    #[error("{}", error::with_causes(.0))]
    Http(#[source] hyper::Error),
}

impl RawError {
    /// With its place.
    pub(crate) fn into_engine(self, action: &str, host: &str) -> EngineError {
        match self {
            Self::Connect(error) => error::from_connect(host, &error),
            Self::Http(ref error) => {
                let kind = match broke_off(error) {
                    true => EngineErrorKind::NotRunning,
                    false => EngineErrorKind::Other,
                };
                EngineError::new(kind, action, self.to_string())
            }
        }
    }
}

/// Whether whoever should have answered is gone, in the middle of an exchange.
fn broke_off(error: &hyper::Error) -> bool {
    let cause = std::error::Error::source(error);
    error.is_incomplete_message()
        || error.is_closed()
        || error.is_canceled()
        || cause.is_some_and(|cause| cause.is::<io::Error>())
}

/// A whole answer.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}

impl Reply {
    /// The engine's error message.
    pub(crate) fn message(&self) -> String {
        message_of(&self.body)
    }
}

impl Raw {
    pub(crate) const fn new(address: Address) -> Self {
        Self { address, idle: Mutex::new(Vec::new()) }
    }

    /// Sends a request on an idle connection or a new one. The answer's body is still on its way.
    pub(crate) async fn send(
        &self,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, RawError> {
        request.headers_mut().insert(HOST, HeaderValue::from_static("docker"));
        while let Some(mut sender) = self.take_idle() {
            match sender.try_send_request(request).await {
                Ok(response) => {
                    self.give_back(sender);
                    return Ok(response);
                }
                // An idle connection that the engine has closed: the request was never sent.
                Err(mut failed) => match failed.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(RawError::Http(failed.into_error())),
                },
            }
        }
        let mut sender = self.connect().await?;
        let response = sender.send_request(request).await.map_err(RawError::Http)?;
        self.give_back(sender);
        Ok(response)
    }

    /// Sends a request and waits for the whole answer.
    pub(crate) async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Reply, RawError> {
        let mut request = Request::new(Full::default());
        *request.method_mut() = method;
        *request.uri_mut() = path
            .parse()
            .map_err(|_| RawError::Connect(io::Error::other(format!("not a path: `{path}`"))))?;
        if let Some(body) = body {
            request
                .headers_mut()
                .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            *request.body_mut() = Full::from(body.to_string());
        }
        self.ask(request).await
    }

    /// Sends a request with a body of any length, on a connection of its own. The answer's body is still on its way.
    pub(crate) async fn stream(
        &self,
        mut request: Request<StreamedBody>,
    ) -> Result<Response<Incoming>, RawError> {
        request.headers_mut().insert(HOST, HeaderValue::from_static("docker"));
        let stream = self.address.connect().await.map_err(RawError::Connect)?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(RawError::Http)?;
        tokio::spawn(async move { connection.await.is_ok() });
        sender.send_request(request).await.map_err(RawError::Http)
    }

    /// Sends a request on a connection of its own, which then is a stream of bytes in both directions.
    async fn upgrade(&self, mut request: Request<Full<Bytes>>) -> Result<Upgrade, RawError> {
        let headers = request.headers_mut();
        headers.insert(HOST, HeaderValue::from_static("docker"));
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("tcp"));
        let stream = self.address.connect().await.map_err(RawError::Connect)?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(RawError::Http)?;
        tokio::spawn(async move { connection.with_upgrades().await.is_ok() });
        let response = sender.send_request(request).await.map_err(RawError::Http)?;
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            let stream = hyper::upgrade::on(response).await.map_err(RawError::Http)?;
            return Ok(Upgrade::Stream(TokioIo::new(stream)));
        }
        let status = response.status();
        let body = response.into_body().collect().await.map_err(RawError::Http)?.to_bytes();
        Ok(Upgrade::Refused(Reply { status, body }))
    }

    /// Sends a request of any kind and waits for the whole answer.
    pub(crate) async fn ask(&self, request: Request<Full<Bytes>>) -> Result<Reply, RawError> {
        let response = self.send(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await.map_err(RawError::Http)?.to_bytes();
        Ok(Reply { status, body })
    }

    async fn connect(&self) -> Result<Sender, RawError> {
        let stream = self.address.connect().await.map_err(RawError::Connect)?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(RawError::Http)?;
        // It ends with its sender; what goes wrong in it is the answer's error.
        tokio::spawn(async move { connection.await.is_ok() });
        sender.ready().await.map_err(RawError::Http)?;
        Ok(sender)
    }

    fn take_idle(&self) -> Option<Sender> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|sender| !sender.is_closed());
        let at = idle.iter().position(Sender::is_ready)?;
        Some(idle.swap_remove(at))
    }

    fn give_back(&self, sender: Sender) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_LIMIT {
            idle.push(sender);
        }
    }
}

/// What came of the wish for a stream.
enum Upgrade {
    Stream(TokioIo<Upgraded>),
    Refused(Reply),
}

/// A client that knows the API version and whom it talks to.
pub(crate) struct Api<'a> {
    pub(crate) raw: &'a Raw,
    pub(crate) version: &'a str,
    pub(crate) host: &'a str,
}

impl Api<'_> {
    /// Sends a request; an answer that is no success is an error.
    pub(crate) async fn call(
        &self,
        action: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> EngineResult<Bytes> {
        let call = self.call_for_long(action, method, path, body);
        tokio::time::timeout(PATIENCE, call).await.unwrap_or_else(|_| {
            let message = format!("no answer within {} s", PATIENCE.as_secs());
            Err(EngineError::new(EngineErrorKind::Other, action, message))
        })
    }

    /// The same for what may take as long as it likes.
    pub(crate) async fn call_patiently(
        &self,
        action: &str,
        method: Method,
        path: &str,
        body: &Value,
    ) -> EngineResult<Bytes> {
        let body = Some(body).filter(|body| !body.is_null());
        self.call_for_long(action, method, path, body).await
    }

    /// Sends a request whose body is a tar archive; an answer that is no success is an error. Its body is still on its way.
    pub(crate) async fn send_archive(
        &self,
        action: &str,
        method: Method,
        path: &str,
        body: StreamedBody,
    ) -> EngineResult<Response<Incoming>> {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        let path = format!("/v{}{path}", self.version);
        *request.uri_mut() = path.parse().map_err(|_| {
            EngineError::new(EngineErrorKind::Other, action, format!("not a path: `{path}`"))
        })?;
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-tar"));
        let broken = |error: RawError| error.into_engine(action, self.host);
        let response = self.raw.stream(request).await.map_err(broken)?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let body = response.into_body().collect().await;
        let body = body.map_err(|error| broken(RawError::Http(error)))?.to_bytes();
        Err(error::from_status(action, status.as_u16(), &message_of(&body)))
    }

    /// Sends a request after which the connection is a stream of bytes in both directions.
    pub(crate) async fn upgrade(
        &self,
        action: &str,
        path: &str,
        body: &Value,
    ) -> EngineResult<TokioIo<Upgraded>> {
        let mut request = Request::new(Full::from(body.to_string()));
        *request.method_mut() = Method::POST;
        let path = format!("/v{}{path}", self.version);
        *request.uri_mut() = path.parse().map_err(|_| {
            EngineError::new(EngineErrorKind::Other, action, format!("not a path: `{path}`"))
        })?;
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let upgraded = self.raw.upgrade(request).await;
        match upgraded.map_err(|error| error.into_engine(action, self.host))? {
            Upgrade::Stream(stream) => Ok(stream),
            Upgrade::Refused(reply) => {
                Err(error::from_status(action, reply.status.as_u16(), &reply.message()))
            }
        }
    }

    async fn call_for_long(
        &self,
        action: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> EngineResult<Bytes> {
        let path = format!("/v{}{path}", self.version);
        let reply = self.raw.exchange(method, &path, body).await;
        let reply = reply.map_err(|error| error.into_engine(action, self.host))?;
        // What is as it was wanted already is not modified.
        if reply.status.is_success() || reply.status == StatusCode::NOT_MODIFIED {
            Ok(reply.body)
        } else {
            Err(error::from_status(action, reply.status.as_u16(), &reply.message()))
        }
    }

    /// Reads JSON; `None` where nothing is there.
    pub(crate) async fn get(&self, action: &str, path: &str) -> EngineResult<Option<Value>> {
        match self.call(action, Method::GET, path, None).await {
            Ok(body) => serde_json::from_slice(&body).map(Some).map_err(|error| {
                EngineError::new(EngineErrorKind::Other, action, format!("not JSON: {error}"))
            }),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The engine's message in the body of an error.
pub(crate) fn message_of(body: &[u8]) -> String {
    serde_json::from_slice::<Value>(body)
        .ok()
        .and_then(|value| Some(value.get("message")?.as_str()?.to_owned()))
        .unwrap_or_else(|| String::from_utf8_lossy(body).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_is_found_in_an_error() {
        assert_eq!(message_of(br#"{"message":"no such thing"}"#), "no such thing");
        assert_eq!(message_of(b"plain \n"), "plain");
    }
}
