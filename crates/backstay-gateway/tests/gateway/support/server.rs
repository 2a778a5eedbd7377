//! Servers behind the gateway. Those of one test share a port, on addresses of their own: `127.0.0.2` and so on.

use super::until;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, StreamBody, combinators::BoxBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{CONNECTION, HeaderValue, UPGRADE};
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{AbortHandle, JoinHandle};

pub(crate) type Body = BoxBody<Bytes, Infallible>;
type Answering = Pin<Box<dyn Future<Output = Response<Body>> + Send>>;
type Handler = Arc<dyn Fn(Request<Incoming>, Arc<Seen>) -> Answering + Send + Sync>;

/// What a server has seen.
pub(crate) struct Seen {
    pub requests: AtomicU64,
    pub connections: AtomicU64,
    pub headers: Mutex<Vec<HeaderMap>>,
    /// One for each that may go of those that wait on `/held`, or come there yet.
    go: Semaphore,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            requests: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            headers: Mutex::default(),
            go: Semaphore::new(0),
        }
    }
}

/// A server. It ends, with all its connections, when it is dropped.
pub(crate) struct Server {
    pub name: String,
    pub address: SocketAddr,
    seen: Arc<Seen>,
    accepting: JoinHandle<()>,
    open: Arc<Mutex<Vec<AbortHandle>>>,
}

/// What a server is to be.
pub(crate) struct Plan {
    name: String,
    routes: HashMap<String, Handler>,
}

/// A server that answers every path with its name, and some in its own way: `/echo` with the body, `/held` when it is told to,
/// `/events` with an event at once and no end, `/ws` with an upgrade to an echo.
pub(crate) fn http(name: &str) -> Plan {
    Plan { name: name.to_owned(), routes: HashMap::new() }
        .route("/echo", |request, _| async move {
            Response::new(request.into_body().map_err(|_| ()).map_err(|()| unreachable!()).boxed())
        })
        .route("/held", |_, seen| async move {
            seen.go.acquire().await.unwrap().forget();
            text("held")
        })
        .route("/events", |_, _| async move { events() })
        .route("/ws", |request, _| async move { switch(request) })
}

impl Plan {
    pub(crate) fn route<F>(
        mut self,
        path: &str,
        answer: impl Fn(Request<Incoming>, Arc<Seen>) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Response<Body>> + Send + 'static,
    {
        let handler: Handler = Arc::new(move |request, seen| Box::pin(answer(request, seen)));
        self.routes.insert(path.to_owned(), handler);
        self
    }

    /// Starts it on an address of its own.
    pub(crate) async fn start(self) -> Server {
        self.start_at("127.0.0.2:0".parse().unwrap()).await
    }

    /// Starts it beside another one, on the same port of the next address.
    pub(crate) async fn beside(self, other: &Server) -> Server {
        self.start_at(next(other.address)).await
    }

    pub(crate) async fn start_at(self, address: SocketAddr) -> Server {
        let (name, routes) = (self.name, Arc::new(self.routes));
        let known = name.clone();
        serve(&name, address, move |stream, seen| {
            let (routes, name) = (Arc::clone(&routes), known.clone());
            async move {
                let service = service_fn(move |request: Request<Incoming>| {
                    seen.requests.fetch_add(1, SeqCst);
                    seen.headers.lock().unwrap().push(request.headers().clone());
                    let handler = routes.get(request.uri().path()).cloned();
                    let (seen, name) = (Arc::clone(&seen), name.clone());
                    async move {
                        Ok::<_, Infallible>(match handler {
                            Some(handler) => handler(request, seen).await,
                            None => text(&name),
                        })
                    }
                });
                let _ = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new())
                    .serve_connection_with_upgrades(TokioIo::new(stream), service)
                    .await;
            }
        })
        .await
    }
}

/// A server that does this with every connection.
pub(crate) async fn tcp<F>(
    name: &str,
    talk: impl Fn(TcpStream) -> F + Send + Sync + 'static,
) -> Server
where
    F: Future<Output = ()> + Send + 'static,
{
    serve(name, "127.0.0.2:0".parse().unwrap(), move |stream, _| talk(stream)).await
}

/// The same, beside another one.
pub(crate) async fn tcp_beside<F>(
    name: &str,
    other: &Server,
    talk: impl Fn(TcpStream) -> F + Send + Sync + 'static,
) -> Server
where
    F: Future<Output = ()> + Send + 'static,
{
    serve(name, next(other.address), move |stream, _| talk(stream)).await
}

/// Says its name, and then what it hears until it hears no more.
pub(crate) async fn greet_and_echo(mut stream: TcpStream, name: &'static str) {
    let _ = stream.write_all(name.as_bytes()).await;
    let mut buffer = [0; 4096];
    while let Ok(read) = stream.read(&mut buffer).await {
        if read == 0 || stream.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

async fn serve<F>(
    name: &str,
    address: SocketAddr,
    talk: impl Fn(TcpStream, Arc<Seen>) -> F + Send + Sync + 'static,
) -> Server
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind(address).await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::<Seen>::default();
    let open = Arc::<Mutex<Vec<AbortHandle>>>::default();
    let accepting = {
        let (seen, open) = (Arc::clone(&seen), Arc::clone(&open));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                seen.connections.fetch_add(1, SeqCst);
                let task = tokio::spawn(talk(stream, Arc::clone(&seen)));
                open.lock().unwrap().push(task.abort_handle());
            }
        })
    };
    Server { name: name.to_owned(), address, seen, accepting, open }
}

impl Server {
    pub(crate) fn requests(&self) -> u64 {
        self.seen.requests.load(SeqCst)
    }

    pub(crate) fn connections(&self) -> u64 {
        self.seen.connections.load(SeqCst)
    }

    /// The headers of the last request.
    pub(crate) fn last_headers(&self) -> HeaderMap {
        self.seen.headers.lock().unwrap().last().cloned().expect("a request")
    }

    /// Connections that are open.
    pub(crate) fn open(&self) -> usize {
        self.open.lock().unwrap().iter().filter(|task| !task.is_finished()).count()
    }

    /// Whether somebody has a connection to it of which the end has not come yet, as the kernel says it.
    pub(crate) fn is_connected(&self) -> bool {
        let SocketAddr::V4(own) = self.address else { panic!("{}", self.address) };
        let address = u32::from_ne_bytes(own.ip().octets());
        let remote = format!("{address:08X}:{:04X}", own.port());
        let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
        table.lines().any(|line| {
            let mut fields = line.split_whitespace().skip(2);
            (fields.next(), fields.next()) == (Some(remote.as_str()), Some("01"))
        })
    }

    /// Lets so many go that are held.
    pub(crate) fn let_go(&self, count: usize) {
        self.seen.go.add_permits(count);
    }

    /// Ends it, and waits until nobody gets to it any more and nobody is still connected.
    pub(crate) async fn gone(mut self) {
        self.accepting.abort();
        let _ = (&mut self.accepting).await;
        self.open.lock().unwrap().iter().for_each(AbortHandle::abort);
        until("the server ends", || std::future::ready(self.open() == 0 && !self.is_connected()))
            .await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
        self.open.lock().unwrap().iter().for_each(AbortHandle::abort);
    }
}

pub(crate) fn next(address: SocketAddr) -> SocketAddr {
    let SocketAddr::V4(four) = address else { panic!("{address}") };
    SocketAddr::from(((four.ip().to_bits() + 1).to_be_bytes(), four.port()))
}

pub(crate) fn text(text: &str) -> Response<Body> {
    Response::new(Full::new(Bytes::from(text.to_owned())).boxed())
}

fn events() -> Response<Body> {
    let (sender, mut frames) = mpsc::channel::<Bytes>(1);
    tokio::spawn(async move {
        for count in 0.. {
            let event = Bytes::from(format!("data: {count}\n\n"));
            if sender.send(event).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let frames = futures(move |cx| frames.poll_recv(cx).map(|event| event.map(Frame::data)));
    let mut response = Response::new(BodyExt::boxed(StreamBody::new(frames)));
    response.headers_mut().insert("content-type", HeaderValue::from_static("text/event-stream"));
    response
}

/// A stream out of a function.
fn futures(
    mut next: impl FnMut(&mut std::task::Context<'_>) -> std::task::Poll<Option<Frame<Bytes>>>
    + Send
    + Sync
    + 'static,
) -> impl futures_util::Stream<Item = Result<Frame<Bytes>, Infallible>> + Send + Sync {
    futures_util::stream::poll_fn(move |cx| next(cx).map(|frame| frame.map(Ok)))
}

fn switch(mut request: Request<Incoming>) -> Response<Body> {
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let mut stream = TokioIo::new(upgrade.await.unwrap());
        let mut buffer = [0; 4096];
        while let Ok(read) = stream.read(&mut buffer).await {
            if read == 0 || stream.write_all(&buffer[..read]).await.is_err() {
                return;
            }
        }
    });
    let mut response = text("");
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    response.headers_mut().insert(UPGRADE, HeaderValue::from_static("websocket"));
    response
}
