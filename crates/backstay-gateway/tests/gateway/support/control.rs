//! The command's side of the control socket.

use super::{Routes, soon};
use backstay_routes::{
    Answer, Drained, Envelope, Hold, Refusal, Reply, Request, ServiceStatus, Status,
};
use std::path::Path;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;

/// A control connection.
pub(crate) struct Control(BufReader<UnixStream>);

impl Control {
    pub(crate) async fn connect(path: &Path) -> Self {
        Self(BufReader::new(UnixStream::connect(path).await.unwrap()))
    }

    /// Whether anybody answers.
    pub(crate) async fn pings(path: &Path) -> bool {
        let Ok(stream) = UnixStream::connect(path).await else { return false };
        let mut control = Self(BufReader::new(stream));
        control.send(br#"{"op":"ping"}"#).await && control.receive().await.is_some()
    }

    pub(crate) async fn send(&mut self, line: &[u8]) -> bool {
        let line = [line, b"\n"].concat();
        self.0.get_mut().write_all(&line).await.is_ok()
    }

    /// The next answer. `None`: the connection is closed.
    pub(crate) async fn receive(&mut self) -> Option<Reply> {
        let mut line = String::new();
        soon("an answer", self.0.read_line(&mut line)).await.ok()?;
        serde_json::from_str(&line).ok()
    }

    pub(crate) async fn ask(&mut self, request: Request) -> Answer {
        let line = serde_json::to_vec(&Envelope { id: Some(1), request }).unwrap();
        assert!(self.send(&line).await);
        let reply = self.receive().await.expect("the control connection was closed");
        assert_eq!(reply.id, Some(1));
        reply.answer
    }

    pub(crate) async fn refused(&mut self, request: Request) -> Refusal {
        match self.ask(request).await {
            Answer::Refused(refusal) => refusal,
            other => panic!("not refused: {other:?}"),
        }
    }

    pub(crate) async fn apply(&mut self, routes: &Routes) {
        let request = Request::Apply { snapshot: routes.snapshot() };
        assert_eq!(self.ask(request).await, Answer::Applied { generation: routes.generation });
    }

    pub(crate) async fn hold(&mut self, limit: u64, wait_ms: u64, lease_ms: u64) {
        let services = vec!["app".to_owned()];
        let hold = Hold { services, limit, wait_ms, lease_ms };
        assert_eq!(self.ask(Request::Hold(hold)).await, Answer::Held);
    }

    pub(crate) async fn open(&mut self) -> u64 {
        match self.ask(Request::Open { services: vec!["app".to_owned()] }).await {
            Answer::Opened { waiting } => waiting,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn drain(&mut self, id: &str, timeout_ms: u64) -> Drained {
        let (service, target) = ("app".to_owned(), id.to_owned());
        match self.ask(Request::Drain { service, target, timeout_ms }).await {
            Answer::Drained(drained) => drained,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn status(&mut self) -> Status {
        match self.ask(Request::Status).await {
            Answer::Status(status) => *status,
            other => panic!("{other:?}"),
        }
    }

    /// The service's figures, as soon as they are so: a client may have its answer a moment before it is counted. What never comes is
    /// given as it is after a while.
    pub(crate) async fn app_when(&mut self, is: impl Fn(&ServiceStatus) -> bool) -> ServiceStatus {
        let begin = std::time::Instant::now();
        loop {
            let app = self.status().await.services["app"].clone();
            if is(&app) || begin.elapsed().as_secs() > 20 {
                return app;
            }
            tokio::task::yield_now().await;
        }
    }

    pub(crate) async fn upgrade(&mut self, binary: Option<&Path>) -> Answer {
        let binary = binary.map(|path| path.to_str().unwrap().to_owned());
        self.ask(Request::Upgrade { binary }).await
    }
}
