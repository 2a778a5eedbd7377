//! Data in containers and volumes, on its way in and out. Files are read and written on threads of their own; bounded channels lie in
//! between, so that any amount takes the same memory.

use std::io::{self, Read, Write};

use backstay_core::engine::{EngineError, EngineErrorKind, EngineResult, Ran};
use bytes::{Buf, Bytes, BytesMut};
use futures_util::future::{Either, select};
use futures_util::{StreamExt, stream};
use http_body_util::{BodyExt, Empty, StreamBody};
use hyper::Method;
use hyper::body::Frame;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;

use crate::connection::{Connection, encode};
use crate::container::short;
use crate::containers::{inspect_one, tolerate_missing};
use crate::error::{from_io, with_causes};
use crate::exec;
use crate::logs::lines_of;
use crate::passing::Passing;

/// How many parts may wait in a channel, and how large they are.
const PARTS: usize = 8;
const PART: usize = 256 * 1024;

/// As much is kept of what a command says.
const WORDS: usize = 16 * 1024;

/// How many lines of it are told.
const LINES: usize = 10;

/// A command in a container.
struct Command<'a> {
    engine: &'a Connection,
    action: String,
    id: &'a str,
    words: &'a [String],
}

/// Runs a command and gives what it writes to `out`.
pub(crate) async fn read_from(
    engine: &Connection,
    id: &str,
    words: &[String],
    out: Box<dyn Write + Send>,
) -> EngineResult<Ran> {
    let action = format!("reading data from container {}", short(id));
    let command = Command { engine, action, id, words };
    let (exec, stream) = command.start(false).await?;
    let (sender, writing) = writer(out);
    let said = listen(stream, Some(sender)).await;
    command.end(&exec, said, Some(writing)).await
}

/// Runs a command that reads `input`.
pub(crate) async fn write_to(
    engine: &Connection,
    id: &str,
    words: &[String],
    input: Box<dyn Read + Send>,
) -> EngineResult<Ran> {
    let action = format!("giving data to container {}", short(id));
    let command = Command { engine, action, id, words };
    let (exec, stream) = command.start(true).await?;
    let (output, mut feed) = tokio::io::split(stream);
    let mut parts = reader(input);
    let feeding = async move {
        while let Some(part) = parts.recv().await {
            feed.write_all(&part?).await?;
        }
        feed.shutdown().await?;
        // Until the command has ended: what is dropped here would close its way out.
        Ok::<_, io::Error>(feed)
    };
    let listening = listen(output, None);
    let (said, fed) = match select(std::pin::pin!(listening), std::pin::pin!(feeding)).await {
        Either::Left((said, _)) => (said, Ok(())),
        Either::Right((fed, listening)) => match fed {
            Ok(feed) => {
                let said = listening.await;
                drop(feed);
                (said, Ok(()))
            }
            // It ends when its input breaks off, and what it says matters more.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => (listening.await, Ok(())),
            Err(error) => (Ok(Vec::new()), Err(error)),
        },
    };
    fed.map_err(|error| from_io(&command.action, &error))?;
    command.end(&exec, said, None).await
}

impl Command<'_> {
    /// Starts it. Its streams are on the connection that is returned.
    async fn start(&self, input: bool) -> EngineResult<(String, TokioIo<Upgraded>)> {
        let body = json!({
            "AttachStdin": input, "AttachStdout": true, "AttachStderr": true, "Tty": false,
            "Cmd": self.words});
        exec::attach(self.engine, self.id, &self.action, &body).await
    }

    /// What came of it.
    async fn end(
        &self,
        exec: &str,
        said: io::Result<Vec<u8>>,
        writing: Option<JoinHandle<io::Result<()>>>,
    ) -> EngineResult<Ran> {
        let failed = |error: &io::Error| from_io(&self.action, error);
        if let Some(writing) = writing {
            // A disk that is full says so, whatever became of the command then.
            let written = writing.await.map_err(|error| failed(&io::Error::other(error)))?;
            written.map_err(|error| failed(&error))?;
        }
        let said = said.map_err(|error| failed(&error))?;
        let mut lines = lines_of(&said);
        lines.drain(..lines.len().saturating_sub(LINES));
        let code = exec::exit_code(self.engine, &self.action, exec).await?;
        Ok(Ran { code, words: lines })
    }
}

/// Reads the two streams of a command, each part with eight bytes before it, the last four of which are its length. Returns the end
/// of what it said: of standard error, and of standard output where nobody takes that.
async fn listen(
    mut stream: impl AsyncRead + Unpin,
    out: Option<Sender<Vec<Bytes>>>,
) -> io::Result<Vec<u8>> {
    let mut words = Vec::new();
    let mut buffer = BytesMut::with_capacity(PART);
    // Which stream the next bytes are of, and how many.
    let mut left = (0, 0);
    loop {
        buffer.reserve(PART);
        if stream.read_buf(&mut buffer).await? == 0 {
            return match (left.1, buffer.len()) {
                (0, 0) => Ok(words),
                _ => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the stream was cut off")),
            };
        }
        // All that one read brought goes on at once: the frames are small, and waking a thread for each costs more than they do.
        let mut parts = Vec::new();
        loop {
            if left.1 == 0 {
                if buffer.len() < 8 {
                    break;
                }
                let length = u32::from_be_bytes([buffer[4], buffer[5], buffer[6], buffer[7]]);
                left = (buffer[0], usize::try_from(length).unwrap_or(usize::MAX));
                buffer.advance(8);
                continue;
            }
            if buffer.is_empty() {
                break;
            }
            let part = buffer.split_to(left.1.min(buffer.len())).freeze();
            left.1 -= part.len();
            if out.is_some() && left.0 == 1 {
                parts.push(part);
            } else {
                words.extend_from_slice(&part);
                let surplus = words.len().saturating_sub(WORDS);
                words.drain(..surplus);
            }
        }
        if let Some(out) = out.as_ref().filter(|_| !parts.is_empty())
            && out.send(parts).await.is_err()
        {
            // Whoever writes has failed, and says why.
            return Ok(words);
        }
    }
}

/// A thread that writes what it is sent.
fn writer(mut out: Box<dyn Write + Send>) -> (Sender<Vec<Bytes>>, JoinHandle<io::Result<()>>) {
    let (sender, mut receiver) = channel::<Vec<Bytes>>(PARTS);
    let writing = tokio::task::spawn_blocking(move || {
        while let Some(parts) = receiver.blocking_recv() {
            parts.iter().try_for_each(|part| out.write_all(part))?;
        }
        out.flush()
    });
    (sender, writing)
}

/// A thread that reads all there is. A stream that ends without an error has been read to its end.
fn reader(mut input: Box<dyn Read + Send>) -> Receiver<io::Result<Bytes>> {
    let (sender, receiver) = channel(PARTS);
    tokio::task::spawn_blocking(move || {
        loop {
            let mut part = vec![0; PART];
            let read = input.read(&mut part);
            let is_last = !matches!(read, Ok(count) if count > 0);
            if matches!(read, Ok(0)) {
                return;
            }
            let part = read.map(|count| {
                part.truncate(count);
                Bytes::from(part)
            });
            if sender.blocking_send(part).is_err() || is_last {
                return;
            }
        }
    });
    receiver
}

/// All below a folder of a container, as an archive.
pub(crate) async fn read_files(
    engine: &Connection,
    id: &str,
    path: &str,
    out: Box<dyn Write + Send>,
) -> EngineResult<()> {
    let action = format!("reading {path} in container {}", short(id));
    let empty = Empty::new().map_err(|never| match never {}).boxed_unsync();
    let call = archive_call(id, path);
    let answer = engine.api().send_archive(&action, Method::GET, &call, empty).await?;
    let mut body = answer.into_body();
    let (sender, writing) = writer(out);
    let (mut failure, mut passing) = (None, Passing::new());
    while let Some(part) = body.frame().await {
        match part.map(Frame::into_data) {
            Ok(Ok(bytes)) => {
                passing.see(&bytes);
                if sender.send(vec![bytes]).await.is_err() {
                    break;
                }
            }
            // What comes behind the data.
            Ok(Err(_)) => {}
            Err(error) => {
                let (kind, why) = (EngineErrorKind::Other, with_causes(&error));
                failure = Some(EngineError::new(kind, &action, why));
                break;
            }
        }
    }
    drop(sender);
    let written = writing.await.map_err(|error| from_io(&action, &io::Error::other(error)))?;
    written.map_err(|error| from_io(&action, &error))?;
    if let Some(failure) = failure {
        return Err(failure);
    }
    if !passing.is_whole() {
        let why = "the engine could not read all of it: the reason is in its log";
        return Err(EngineError::new(EngineErrorKind::Other, &action, why));
    }
    Ok(())
}

/// Puts an archive into a folder of a container.
pub(crate) async fn write_files(
    engine: &Connection,
    id: &str,
    path: &str,
    input: Box<dyn Read + Send>,
) -> EngineResult<()> {
    let action = format!("writing {path} in container {}", short(id));
    let parts = stream::unfold(reader(input), |mut parts| async {
        parts.recv().await.map(|part| (part, parts))
    });
    let body = StreamBody::new(parts.map(|part| part.map(Frame::data))).boxed_unsync();
    let call = archive_call(id, path);
    let answer = engine.api().send_archive(&action, Method::PUT, &call, body).await?;
    let ended = answer.into_body().collect().await;
    let ended = ended.map_err(|error| from_io(&action, &io::Error::other(with_causes(&error))));
    ended.map(|_| ())
}

pub(crate) fn archive_call(id: &str, path: &str) -> String {
    let path = format!("{}/.", path.trim_end_matches('/'));
    format!("/containers/{}/archive?path={}", encode(id), encode(&path))
}

/// Bytes that a volume takes.
pub(crate) async fn volume_size(engine: &Connection, name: &str) -> EngineResult<Option<u64>> {
    if !engine.speaks(1, 42) {
        return Ok(None);
    }
    let action = format!("measuring volume `{name}`");
    let found = engine.api().get(&action, "/system/df?type=volume").await?.unwrap_or_default();
    let volumes = found.get("Volumes").and_then(Value::as_array).into_iter().flatten();
    let mut mine =
        volumes.filter(|volume| volume.get("Name").and_then(Value::as_str) == Some(name));
    let size = mine.next().and_then(|volume| volume.pointer("/UsageData/Size")?.as_i64());
    Ok(size.and_then(|size| u64::try_from(size).ok()))
}

/// Lets a container's processes stand still.
pub(crate) async fn pause(engine: &Connection, id: &str) -> EngineResult<()> {
    let action = format!("pausing container {}", short(id));
    let path = format!("/containers/{}/pause", encode(id));
    let done = engine.api().call(&action, Method::POST, &path, None).await;
    match done {
        Err(error) if is_paused(engine, id).await? => drop(error),
        other => drop(other?),
    }
    Ok(())
}

/// Lets them go on.
pub(crate) async fn unpause(engine: &Connection, id: &str) -> EngineResult<()> {
    if !is_paused(engine, id).await? {
        return Ok(());
    }
    let action = format!("unpausing container {}", short(id));
    let path = format!("/containers/{}/unpause", encode(id));
    tolerate_missing(engine.api().call(&action, Method::POST, &path, None).await.map(|_| ()))
}

async fn is_paused(engine: &Connection, id: &str) -> EngineResult<bool> {
    let detail = inspect_one(engine, id).await?.unwrap_or_default();
    Ok(detail.pointer("/State/Paused") == Some(&json!(true)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(stream: u8, text: &[u8]) -> Vec<u8> {
        let length = u32::try_from(text.len()).unwrap().to_be_bytes();
        [&[stream, 0, 0, 0][..], &length, text].concat()
    }

    #[tokio::test]
    async fn both_streams_of_a_command_are_told_apart() {
        let stream = [frame(1, b"rows "), frame(2, b"warning\n"), frame(1, b"more")].concat();
        for size in 1..stream.len() {
            let (mut from, to) = tokio::io::duplex(size);
            let bytes = stream.clone();
            tokio::spawn(async move { from.write_all(&bytes).await });
            let (sender, mut receiver) = channel(100);
            assert_eq!(listen(to, Some(sender)).await.unwrap(), b"warning\n");
            let mut out = Vec::new();
            while let Some(parts) = receiver.recv().await {
                parts.iter().for_each(|part: &Bytes| out.extend_from_slice(part));
            }
            assert_eq!(out, b"rows more");
        }
    }

    #[tokio::test]
    async fn a_stream_that_is_cut_off_is_an_error() {
        let stream = frame(1, b"rows");
        for cut in 1..stream.len() {
            let error = listen(&stream[..cut], None).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof, "at {cut}");
        }
    }
}
