//! Clients before the gateway.

use super::soon;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer, whole.
#[derive(Debug)]
pub(crate) struct Got {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

/// A connection that is kept.
pub(crate) struct Keep(http1::SendRequest<Full<Bytes>>);

/// An HTTP/2 connection.
pub(crate) struct Two(pub http2::SendRequest<Full<Bytes>>);

pub(crate) fn request(path: &str) -> Request<Full<Bytes>> {
    let builder = Request::builder().uri(path).header("Host", "shop.example");
    builder.body(Full::new(Bytes::new())).unwrap()
}

pub(crate) fn post(path: &str, body: &[u8]) -> Request<Full<Bytes>> {
    let builder = Request::builder().method("POST").uri(path).header("Host", "shop.example");
    builder.body(Full::new(Bytes::copy_from_slice(body))).unwrap()
}

impl Keep {
    pub(crate) async fn connect(port: u16) -> Self {
        Self::try_connect(port).await.unwrap()
    }

    pub(crate) async fn try_connect(port: u16) -> Result<Self, String> {
        let stream = connect(port).await?;
        let (sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
        tokio::spawn(connection.with_upgrades());
        Ok(Self(sender))
    }

    pub(crate) async fn get(&mut self, path: &str) -> Got {
        self.send(request(path)).await.unwrap()
    }

    pub(crate) async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<Got, String> {
        whole(self.head(request).await?).await
    }

    /// The head of the answer, with the body still to come.
    pub(crate) async fn head(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, String> {
        self.0.ready().await.map_err(|error| error.to_string())?;
        let sent = self.0.send_request(request);
        soon("an answer", sent).await.map_err(|error| format!("{error:?}"))
    }

    pub(crate) fn is_open(&self) -> bool {
        !self.0.is_closed()
    }
}

impl Two {
    pub(crate) async fn connect(port: u16) -> Self {
        let stream = TokioIo::new(connect(port).await.unwrap());
        let (sender, connection) = http2::handshake(TokioExecutor::new(), stream).await.unwrap();
        tokio::spawn(connection);
        Self(sender)
    }

    pub(crate) async fn get(&mut self, path: &str) -> Result<Got, String> {
        let request = Request::builder().uri(format!("http://shop.example{path}"));
        let request = request.body(Full::new(Bytes::new())).unwrap();
        self.0.ready().await.map_err(|error| error.to_string())?;
        let sent = self.0.send_request(request);
        whole(soon("an answer", sent).await.map_err(|error| format!("{error:?}"))?).await
    }
}

/// One request over a connection of its own.
pub(crate) async fn try_get(port: u16, path: &str) -> Result<Got, String> {
    Keep::try_connect(port).await?.send(request(path)).await
}

pub(crate) async fn get(port: u16, path: &str) -> Got {
    try_get(port, path).await.unwrap()
}

pub(crate) async fn connect(port: u16) -> Result<TcpStream, String> {
    let connected = soon("a connection", TcpStream::connect(("127.0.0.1", port))).await;
    connected.map_err(|error| error.to_string())
}

/// Bytes over a connection of their own, without an answer yet.
pub(crate) async fn send_raw(port: u16, bytes: &[u8]) -> TcpStream {
    let mut stream = connect(port).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream
}

/// What comes next, exactly so many bytes.
pub(crate) async fn read(stream: &mut TcpStream, length: usize) -> Result<String, String> {
    let mut buffer = vec![0; length];
    soon("bytes", stream.read_exact(&mut buffer)).await.map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&buffer).into_owned())
}

/// All that comes, to the end.
pub(crate) async fn read_all(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let _ = soon("the end", stream.read_to_end(&mut all)).await;
    String::from_utf8_lossy(&all).into_owned()
}

/// A WebSocket, or what looks like one to a proxy: the connection after the upgrade.
pub(crate) async fn web_socket(port: u16) -> TcpStream {
    let head = "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n";
    let mut stream = send_raw(port, head.as_bytes()).await;
    let mut answer = String::new();
    while !answer.ends_with("\r\n\r\n") {
        answer += &read(&mut stream, 1).await.unwrap();
    }
    assert!(answer.starts_with("HTTP/1.1 101"), "{answer}");
    stream
}

/// Says something and hears it again.
pub(crate) async fn echo(stream: &mut TcpStream, word: &str) -> Result<(), String> {
    stream.write_all(word.as_bytes()).await.map_err(|error| error.to_string())?;
    let heard = read(stream, word.len()).await?;
    if heard == word { Ok(()) } else { Err(format!("heard `{heard}`")) }
}

async fn whole(response: Response<Incoming>) -> Result<Got, String> {
    let (head, body) = response.into_parts();
    let body = soon("a body", body.collect()).await.map_err(|error| format!("{error:?}"))?;
    Ok(Got {
        status: head.status.as_u16(),
        headers: head.headers,
        body: String::from_utf8_lossy(&body.to_bytes()).into_owned(),
    })
}
