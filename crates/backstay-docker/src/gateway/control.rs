//! A conversation with a gateway's control socket: the engine's `exec` is the way to it, so that no network leads there, and that
//! it is found on any engine.

use std::io;

use backstay_core::engine::{EngineError, EngineErrorKind, EngineResult};
use backstay_routes::{Answer, Envelope, RefusalKind, Reply, Request};
use bytes::{Buf, BytesMut};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::connection::Connection;
use crate::exec;

const ACTION: &str = "talking to the gateway";

/// What the engine puts before each part of an output: which one, and how long.
const FRAME: usize = 8;

/// Its own output is the second of the streams.
const STDOUT: u8 = 1;

/// A conversation. What was held in it is open when it ends.
pub(crate) struct Control {
    stream: TokioIo<Upgraded>,
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
        let body = json!({"AttachStdin": true, "AttachStdout": true, "AttachStderr": true,
            "Tty": false, "Cmd": ["/backstay-gateway", "ctl"]});
        let exec = exec::create(engine, id, ACTION, &body).await?;
        let (path, body) = (format!("/exec/{exec}/start"), json!({"Detach": false, "Tty": false}));
        let stream = engine.api().upgrade(ACTION, &path, &body).await?;
        Ok(Self { stream, raw: BytesMut::new(), lines: BytesMut::new(), beside: String::new() })
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
                RefusalKind::Unknown | RefusalKind::NotHeld => EngineErrorKind::NotFound,
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
        while let Some(head) = self.raw.get(..FRAME) {
            let length = head[4..].iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            if self.raw.len() < FRAME + length {
                return;
            }
            let stream = head[0];
            self.raw.advance(FRAME);
            let part = self.raw.split_to(length);
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
