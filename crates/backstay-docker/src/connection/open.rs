//! An open connection: which engine, which API version, and the clients for it.

use std::sync::Arc;
use std::time::Duration;

use backstay_core::engine::{EngineError, EngineErrorKind, EngineResult};
use hyper::Method;
use serde_json::Value;

use super::raw::{Api, Raw};
use super::target::{self, Route, Target};
use super::tunnel::Tunnel;
use crate::error;

/// The oldest API that has all that is used here: Engine 20.10.
const OLDEST_API: (usize, usize) = (1, 41);

/// Seconds that an answer may take.
const QUICK: u64 = 120;

/// The newest API that is known here.
const NEWEST_API: (usize, usize) = (1, 53);

/// A connection to an engine.
pub(crate) struct Connection {
    /// The client.
    pub(crate) raw: Arc<Raw>,
    /// The API version agreed on.
    pub(crate) api: String,
    /// The engine's version.
    pub(crate) engine: String,
    /// The engine's address as the user wrote it.
    pub(crate) host: String,
    /// Whether the engine's host ports are this machine's.
    pub(crate) local: bool,
    _tunnel: Option<Tunnel>,
}

impl Connection {
    /// Finds the engine and agrees on a version with it.
    pub(crate) async fn open() -> EngineResult<Self> {
        Self::to(target::resolve().await?).await
    }

    async fn to(target: Target) -> EngineResult<Self> {
        let (address, tunnel) = match target.route {
            Route::Direct(address) => (address, None),
            Route::Dial(arguments) => {
                let tunnel = Tunnel::open(arguments)
                    .map_err(|error| error::from_io("opening a way to the engine", &error))?;
                (tunnel.address().clone(), Some(tunnel))
            }
        };
        let host = target.host;
        let raw = Raw::new(address.clone());
        let version = version(&raw, &host).await.map_err(|error| match &tunnel {
            Some(tunnel) => tunnel.explain(error),
            None => error,
        })?;
        let text = |key: &str| version.get(key).and_then(Value::as_str).unwrap_or_default();
        let offered = parse_version(text("ApiVersion")).unwrap_or((0, 0));
        if offered < OLDEST_API {
            let message = format!("engine {} has API {}", text("Version"), text("ApiVersion"));
            let action = error::connecting(&host);
            return Err(EngineError::new(EngineErrorKind::EngineTooOld, action, message));
        }
        let (major, minor) = offered.min(NEWEST_API);
        Ok(Self {
            raw: Arc::new(raw),
            api: format!("{major}.{minor}"),
            engine: name(&version),
            local: tunnel.is_none() && address.is_local(),
            host,
            _tunnel: tunnel,
        })
    }

    /// The plain client with the agreed version.
    pub(crate) fn api(&self) -> Api<'_> {
        Api { raw: &self.raw, version: &self.api, host: &self.host }
    }

    /// Whether the API version is at least this one.
    pub(crate) fn speaks(&self, major: usize, minor: usize) -> bool {
        parse_version(&self.api).is_some_and(|version| version >= (major, minor))
    }
}

async fn version(raw: &Raw, host: &str) -> EngineResult<Value> {
    let action = error::connecting(host);
    let reply = raw.exchange(Method::GET, "/version", None);
    let reply = tokio::time::timeout(Duration::from_secs(QUICK), reply)
        .await
        .map_err(|_| EngineError::new(EngineErrorKind::NotRunning, &action, "no answer"))?
        .map_err(|error| {
            let mut error = error.into_engine(&action, host);
            if error.kind == EngineErrorKind::Other {
                error.kind = EngineErrorKind::NotRunning;
            }
            error
        })?;
    if !reply.status.is_success() {
        return Err(error::from_status(action, reply.status.as_u16(), &reply.message()));
    }
    serde_json::from_slice(&reply.body).map_err(|_| {
        EngineError::new(EngineErrorKind::NotRunning, action, "what answers there is no engine")
    })
}

/// The version, with the name before it where the engine is not Docker's own.
fn name(version: &Value) -> String {
    let components = version.get("Components").and_then(Value::as_array).into_iter().flatten();
    let named = |part: &&Value| part.get("Name").and_then(Value::as_str) == Some("Podman Engine");
    let number =
        |of: &Value| of.get("Version").and_then(Value::as_str).unwrap_or_default().to_owned();
    components
        .clone()
        .find(named)
        .map_or_else(|| number(version), |part| format!("Podman {}", number(part)))
}

fn parse_version(text: &str) -> Option<(usize, usize)> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::Listener;
    use crate::connection::address::Address;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    async fn refused(address: Address) -> EngineErrorKind {
        let target = Target { host: "here".to_owned(), route: Route::Direct(address) };
        Connection::to(target).await.err().unwrap().kind
    }

    async fn answering(version: &'static str) -> EngineErrorKind {
        let listener = Listener::bind().unwrap();
        let address = listener.address().clone();
        let server = async {
            let mut stream = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 1024]).await.unwrap();
            let length = version.len();
            let text = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{version}");
            stream.write_all(text.as_bytes()).await.unwrap();
        };
        tokio::join!(refused(address), server).0
    }

    #[tokio::test]
    async fn an_old_engine_differs_from_none_at_all() {
        let old = answering(r#"{"Version": "19.3.1", "ApiVersion": "1.40"}"#).await;
        assert_eq!(old, EngineErrorKind::EngineTooOld);
        assert_eq!(answering("hello").await, EngineErrorKind::NotRunning);
        let listener = Listener::bind().unwrap();
        let gone = listener.address().clone();
        drop(listener);
        assert_eq!(refused(gone).await, EngineErrorKind::NotRunning);
        let closed = Address::Tcp("127.0.0.1:1".to_owned());
        assert_eq!(refused(closed).await, EngineErrorKind::NotRunning);
    }

    #[test]
    fn podman_is_called_by_its_name() {
        let part = serde_json::json!({"Name": "Podman Engine", "Version": "5.4.2"});
        let podman = serde_json::json!({"Version": "5.4.2", "Components": [part]});
        assert_eq!(name(&podman), "Podman 5.4.2");
        let docker = serde_json::json!({"Version": "28.5.2", "Components": [{"Name": "Engine"}]});
        assert_eq!(name(&docker), "28.5.2");
        assert_eq!(name(&serde_json::json!({"Version": "26.1.5"})), "26.1.5");
    }

    #[test]
    fn versions_are_compared_by_number() {
        assert!(parse_version("1.100") > parse_version("1.41"));
        assert!(parse_version("1.9") < parse_version("1.41"));
        assert_eq!(parse_version("x"), None);
    }
}
