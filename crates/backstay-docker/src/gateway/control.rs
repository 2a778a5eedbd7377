//! A conversation with a gateway's control socket. No network leads there: it is in the gateway's volume, and who may look into the
//! engine's volumes on this machine connects to it directly, which takes no time. The engine's `exec` is the way on any engine.

use std::io;

use backstay_core::engine::{EngineError, EngineErrorKind, EngineResult};
use backstay_routes::{Answer, Envelope, RefusalKind, Reply, Request};
use bytes::{Buf, BytesMut};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::connection::Connection;
use crate::exec;
use crate::logs::next_part;

const ACTION: &str = "talking to the gateway";

/// Its own output is the second of the streams.
const STDOUT: u8 = 1;

/// Both directions.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A conversation. What was held in it is open when it ends.
pub(crate) struct Control {
    stream: Box<dyn Stream>,
    /// Whether the engine puts its frames around what comes.
    framed: bool,
    /// What has come of the engine's frames.
    raw: BytesMut,
    /// What has come of the gateway's lines.
    lines: BytesMut,
    /// What it said beside them.
    beside: String,
}

impl Control {
    /// Begins one.
    pub(crate) async fn open(engine: &Connection, id: &str) -> EngineResult<Self> {
        #[cfg(target_os = "linux")]
        if let Some(stream) = super::direct::connect(engine, id).await {
            return Ok(Self::of(Box::new(stream), false));
        }
        let body = json!({"AttachStdin": true, "AttachStdout": true, "AttachStderr": true,
            "Tty": false, "Cmd": ["/backstay-gateway", "ctl"]});
        let (_, stream) = exec::attach(engine, id, ACTION, &body).await?;
        Ok(Self::of(Box::new(stream), true))
    }

    fn of(stream: Box<dyn Stream>, framed: bool) -> Self {
        let (raw, lines) = (BytesMut::new(), BytesMut::new());
        Self { stream, framed, raw, lines, beside: String::new() }
    }

    /// Asks, and waits for the answer.
    pub(crate) async fn ask(&mut self, request: Request) -> EngineResult<Answer> {
        let mut line = serde_json::to_vec(&Envelope { id: None, request }).unwrap_or_default();
        line.push(b'\n');
        let sent = async {
            self.stream.write_all(&line).await?;
            self.stream.flush().await
        };
        sent.await.map_err(|error: io::Error| broken(&error.to_string()))?;
        let line = self.line().await.map_err(|error| self.lost(&error))?;
        let reply: Reply =
            serde_json::from_slice(&line).map_err(|error| broken(&error.to_string()))?;
        reply.answer.accepted().map_err(|refusal| {
            let kind = match refusal.kind {
                RefusalKind::Unknown | RefusalKind::NotHeld | RefusalKind::Malformed => {
                    EngineErrorKind::NotFound
                }
                RefusalKind::Stale | RefusalKind::Busy => EngineErrorKind::Conflict,
                _ => EngineErrorKind::Other,
            };
            EngineError::new(kind, ACTION, refusal.message)
        })
    }

    async fn line(&mut self) -> io::Result<Vec<u8>> {
        loop {
            if let Some(end) = self.lines.iter().position(|byte| *byte == b'\n') {
                let line = self.lines.split_to(end);
                self.lines.advance(1);
                return Ok(line.to_vec());
            }
            self.unpack();
            if self.lines.contains(&b'\n') {
                continue;
            }
            if self.stream.read_buf(&mut self.raw).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// Takes whole frames apart.
    fn unpack(&mut self) {
        if !self.framed {
            let all = self.raw.split();
            self.lines.extend_from_slice(&all);
            return;
        }
        while let Some((stream, part)) = next_part(&mut self.raw) {
            if stream == STDOUT {
                self.lines.extend_from_slice(&part);
            } else {
                self.beside.push_str(&String::from_utf8_lossy(&part));
            }
        }
    }

    fn lost(&self, error: &io::Error) -> EngineError {
        let beside = self.beside.trim();
        if beside.is_empty() { broken(&error.to_string()) } else { broken(beside) }
    }
}

fn broken(message: &str) -> EngineError {
    EngineError::new(EngineErrorKind::Other, ACTION, message)
}
