//! A control connection: lines in, lines out.

use super::controller::{Answering, Controller};
use super::holds::SessionId;
use super::relay::{self, Relay};
use crate::route::Phase;
use crate::stats::render;
use backstay_routes::{Answer, Drained, Envelope, Refusal, RefusalKind, Reply, Request, Result};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// No line is longer.
const LINE: usize = 8 << 20;

/// A connection.
struct Session {
    controller: Arc<Controller>,
    id: SessionId,
    replies: mpsc::UnboundedSender<(Reply, Answering)>,
    /// `None`: this worker retires, and is told by the one that serves.
    relay: Option<Relay>,
    lease: Option<Instant>,
    /// What takes its time.
    running: JoinSet<()>,
}

/// Answers until the other side says no more. Then its holds end, and what is still asked for is answered.
pub(super) async fn serve(controller: Arc<Controller>, stream: UnixStream, leads: bool) {
    let answering = leads.then(|| controller.answering());
    let (read, write) = stream.into_split();
    let (replies, to_write) = mpsc::unbounded_channel();
    let writer = tokio::spawn(write_all(write, to_write));
    let relay = leads.then(|| Relay::new(controller.folder.clone()));
    let id = controller.holds.session();
    let mut session =
        Session { controller, id, replies, relay, lease: None, running: JoinSet::new() };
    session.listen(BufReader::new(read)).await;
    session.controller.open_all(session.id).await;
    drop(session.relay.take());
    while session.running.join_next().await.is_some() {}
    drop(session);
    let _ = writer.await;
    drop(answering);
}

async fn write_all(
    mut write: OwnedWriteHalf,
    mut replies: mpsc::UnboundedReceiver<(Reply, Answering)>,
) {
    while let Some((reply, _answering)) = replies.recv().await {
        let Ok(mut line) = serde_json::to_vec(&reply) else { continue };
        line.push(b'\n');
        if write.write_all(&line).await.is_err() {
            return;
        }
    }
}

/// Ends when the worker does not serve any more.
async fn leaving(phase: &mut watch::Receiver<Phase>) {
    let _ = phase.wait_for(|phase| *phase != Phase::Serving).await;
}

impl Session {
    async fn listen(&mut self, mut read: BufReader<OwnedReadHalf>) {
        let mut phase = self.controller.shared.phase.subscribe();
        let mut line = Vec::new();
        loop {
            let lease = self.lease;
            let over = async {
                match lease {
                    Some(lease) => sleep_until(lease).await,
                    None => std::future::pending().await,
                }
            };
            let mut rest = (&mut read).take((LINE - line.len()) as u64);
            tokio::select! {
                biased;
                () = over => {
                    self.lease = None;
                    self.controller.open_all(self.id).await;
                }
                // Whoever asks again comes to the worker that serves now.
                () = leaving(&mut phase), if self.relay.is_some() => return,
                got = rest.read_until(b'\n', &mut line) => {
                    if got.is_err() || !line.ends_with(b"\n") {
                        return;
                    }
                    self.take(&line).await;
                    line.clear();
                }
            }
        }
    }

    async fn take(&mut self, line: &[u8]) {
        let answering = self.controller.answering();
        let (id, answer) = match Envelope::read(line) {
            Ok(Envelope { id, request: Request::Drain { service, target, timeout_ms } }) => {
                return self.drain(id, service, target, timeout_ms, answering);
            }
            Ok(Envelope { id, request: Request::Reach }) => return self.reach(id, answering),
            Ok(Envelope { id, request: Request::Upgrade { binary } }) => {
                return self.upgrade(id, binary, answering);
            }
            Ok(Envelope { id, request }) => (id, self.answer(request).await),
            Err((id, refusal)) => (id, Err(refusal)),
        };
        let answer = answer.unwrap_or_else(Answer::Refused);
        let _ = self.replies.send((Reply { id, answer }, answering));
    }

    /// What is answered at once, and in the order in which it was asked.
    async fn answer(&mut self, request: Request) -> Result<Answer> {
        let controller = Arc::clone(&self.controller);
        match &request {
            Request::Apply { snapshot } => {
                let generation = controller.apply(snapshot.clone()).await?;
                self.tell_others(&request).await;
                Ok(Answer::Applied { generation })
            }
            Request::Hold(hold) => {
                controller.hold(self.id, hold)?;
                self.lease = Some(Instant::now() + Duration::from_millis(hold.lease_ms));
                self.tell_others(&request).await;
                Ok(Answer::Held)
            }
            Request::Renew { lease_ms } => {
                if !controller.holds_any(self.id) {
                    let message = "this connection holds nothing, or its lease has ended";
                    return Err(Refusal::new(RefusalKind::NotHeld, message));
                }
                self.lease = Some(Instant::now() + Duration::from_millis(*lease_ms));
                self.tell_others(&request).await;
                Ok(Answer::Renewed)
            }
            Request::Open { services } => {
                let waiting = controller.open(self.id, services).await?;
                self.tell_others(&request).await;
                Ok(Answer::Opened { waiting })
            }
            Request::Status => Ok(Answer::Status(Box::new(controller.status().await))),
            Request::Metrics => Ok(Answer::Metrics { text: render(&controller.status().await) }),
            Request::AccessLog { on } => {
                controller.shared.access_log.turn(*on);
                Ok(Answer::AccessLog { on: controller.shared.access_log.is_on() })
            }
            _ => Ok(Answer::Pong {
                pid: std::process::id(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                generation: controller.shared.table().snapshot.generation,
            }),
        }
    }

    async fn tell_others(&mut self, request: &Request) {
        if let Some(relay) = &mut self.relay {
            relay.tell(request).await;
        }
    }

    fn drain(
        &mut self,
        id: Option<u64>,
        service: String,
        target: String,
        timeout_ms: u64,
        answering: Answering,
    ) {
        let controller = Arc::clone(&self.controller);
        let leads = self.relay.is_some();
        self.later(id, answering, async move {
            let at_most = Duration::from_millis(timeout_ms);
            let request =
                Request::Drain { service: service.clone(), target: target.clone(), timeout_ms };
            let others = async {
                match leads {
                    true => relay::drain(&controller.folder, &request, at_most).await,
                    false => None,
                }
            };
            let (own, others) = tokio::join!(controller.drain(&service, &target, at_most), others);
            match (own, others) {
                (Ok(own), Some(others)) => Answer::Drained(Drained {
                    left_requests: own.left_requests + others.left_requests,
                    left_streams: own.left_streams + others.left_streams,
                    cut: own.cut + others.cut,
                }),
                (Ok(drained), None) | (Err(_), Some(drained)) => Answer::Drained(drained),
                (Err(refusal), None) => Answer::Refused(refusal),
            }
        });
    }

    fn reach(&mut self, id: Option<u64>, answering: Answering) {
        let controller = Arc::clone(&self.controller);
        self.later(
            id,
            answering,
            async move { Answer::Reached { ways: controller.reach().await } },
        );
    }

    fn upgrade(&mut self, id: Option<u64>, binary: Option<String>, answering: Answering) {
        let controller = Arc::clone(&self.controller);
        self.later(id, answering, async move {
            match controller.upgrade(binary).await {
                Ok((pid, version)) => Answer::Upgraded { pid, version },
                Err(refusal) => Answer::Refused(refusal),
            }
        });
    }

    /// Answers when that is there, whatever is asked meanwhile.
    fn later(
        &mut self,
        id: Option<u64>,
        answering: Answering,
        answer: impl Future<Output = Answer> + Send + 'static,
    ) {
        let replies = self.replies.clone();
        self.running.spawn(async move {
            let _ = replies.send((Reply { id, answer: answer.await }, answering));
        });
    }
}
