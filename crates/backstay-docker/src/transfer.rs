//! Images between engine and vault. The vault reads and writes on a thread of its own; a bounded channel lies in between, so
//! that an image of any size takes the same memory.

use std::io::{self, Read};

use backstay_core::engine::{EngineError, EngineErrorKind, EngineResult};
use backstay_core::vault::Vault;
use bytes::{Buf, Bytes};
use futures_util::{StreamExt, stream};
use http_body_util::{BodyExt, Empty, StreamBody};
use hyper::Method;
use hyper::body::Frame;
use serde_json::Value;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::connection::Connection;
use crate::error::{from_io, with_causes};
use crate::images;
use crate::progress::progress;

/// How many parts may wait in the channel, and how large the vault's are.
const PARTS: usize = 8;
const PART: usize = 256 * 1024;

/// A part of a stream, or its orderly end: a stream that merely stops was cut off.
enum Part {
    Data(Bytes),
    End,
    Failed(io::Error),
}

/// Copies an image, as the engine exports it, into the vault.
pub(crate) async fn save(engine: &Connection, image: &str, vault: &Vault) -> EngineResult<()> {
    let action = format!("saving image {image}");
    if vault.has(image).map_err(|error| from_io(&action, &error))? {
        return Ok(());
    }
    let (sender, receiver) = channel(PARTS);
    let (store, name) = (vault.clone(), image.to_owned());
    let writing = tokio::task::spawn_blocking(move || {
        store.put(&name, &mut ChannelReader { receiver, part: Bytes::new(), ended: false })
    });
    let path = format!("/images/{}/get", images::in_path(image));
    let empty = Empty::new().map_err(|never| match never {}).boxed_unsync();
    let mut failure = None;
    match engine.api().send_archive(&action, Method::GET, &path, empty).await {
        Ok(mut export) => {
            while let Some(part) = export.frame().await {
                let part = match part.map(Frame::into_data) {
                    Ok(Ok(bytes)) => Part::Data(bytes),
                    // What comes behind the data.
                    Ok(Err(_)) => continue,
                    Err(error) => {
                        let (kind, why) = (EngineErrorKind::Other, with_causes(&error));
                        failure = Some(EngineError::new(kind, &action, why));
                        Part::Failed(io::Error::other("the export failed"))
                    }
                };
                // A vault that does not listen any more has failed, and says why below.
                if sender.send(part).await.is_err() || failure.is_some() {
                    break;
                }
            }
        }
        Err(error) => {
            failure = Some(error);
            let _ = sender.send(Part::Failed(io::Error::other("the export failed"))).await;
        }
    }
    let _ = sender.send(Part::End).await;
    drop(sender);
    let written = writing.await.map_err(|error| from_io(&action, &io::Error::other(error)))?;
    match (failure, written) {
        (Some(error), _) => Err(error),
        // A part that the engine does not export is as much as gone.
        (None, Err(error)) if error.kind() == io::ErrorKind::NotFound => {
            Err(EngineError::new(EngineErrorKind::NotFound, action, error.to_string()))
        }
        (None, written) => written.map_err(|error| from_io(&action, &error)),
    }
}

/// Gives an image from the vault back to the engine. Returns the id that it has there.
pub(crate) async fn load(engine: &Connection, image: &str, vault: &Vault) -> EngineResult<String> {
    let action = format!("loading image {image}");
    if images::id(engine, image).await?.is_some() {
        return Ok(image.to_owned());
    }
    let (sender, receiver) = channel(PARTS);
    let (store, name) = (vault.clone(), image.to_owned());
    let reading = tokio::task::spawn_blocking(move || read_into(&store, &name, &sender));
    let body = StreamBody::new(parts(receiver).map(|part| part.map(Frame::data)));
    let mut loaded = None;
    let told = |step: &Value| {
        let line = step.get("stream").and_then(Value::as_str);
        loaded = line.and_then(loaded_id).or(loaded.take());
    };
    let path = "/images/load?quiet=true";
    let (api, body) = (engine.api(), body.boxed_unsync());
    let failure = match api.send_archive(&action, Method::POST, path, body).await {
        Ok(answer) => progress(&action, answer.into_body(), told).await.err(),
        Err(error) => Some(error),
    };
    let read = reading.await.map_err(|error| from_io(&action, &io::Error::other(error)))?;
    read.map_err(|error| from_io(&action, &error))?;
    if let Some(error) = failure {
        return Err(error);
    }
    if images::id(engine, image).await?.is_some() {
        return Ok(image.to_owned());
    }
    // What one of the engine's image stores exported has another id in the other one.
    match loaded {
        Some(id) if images::id(engine, &id).await?.is_some() => Ok(id),
        _ => {
            let message = "the engine took the image and does not have it";
            Err(EngineError::new(EngineErrorKind::NotFound, action, message))
        }
    }
}

/// The id in `Loaded image ID: sha256:…`.
fn loaded_id(line: &str) -> Option<String> {
    let at = line.find("sha256:")?;
    line.starts_with("Loaded image").then(|| line[at..].trim().to_owned())
}

/// Reads an image out of the vault into a channel. Blocks.
fn read_into(vault: &Vault, image: &str, sender: &Sender<Part>) -> io::Result<()> {
    let fill = || -> io::Result<()> {
        let mut reader = vault.get(image)?;
        loop {
            let mut part = vec![0; PART];
            let count = reader.read(&mut part)?;
            part.truncate(count);
            // The engine has stopped listening: it says why itself.
            if count == 0 || sender.blocking_send(Part::Data(part.into())).is_err() {
                return Ok(());
            }
        }
    };
    let filled = fill();
    let last = match &filled {
        Ok(()) => Part::End,
        Err(error) => Part::Failed(io::Error::new(error.kind(), error.to_string())),
    };
    let _ = sender.blocking_send(last);
    filled
}

fn parts(receiver: Receiver<Part>) -> impl futures_util::Stream<Item = io::Result<Bytes>> {
    stream::unfold(Some(receiver), |receiver| async {
        let mut receiver = receiver?;
        match receiver.recv().await {
            Some(Part::Data(bytes)) => Some((Ok(bytes), Some(receiver))),
            Some(Part::End) => None,
            Some(Part::Failed(error)) => Some((Err(error), None)),
            None => Some((Err(cut_off()), None)),
        }
    })
}

fn cut_off() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the stream was cut off")
}

/// The reading end for a thread.
struct ChannelReader {
    receiver: Receiver<Part>,
    part: Bytes,
    ended: bool,
}

impl Read for ChannelReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.part.is_empty() && !self.ended {
            match self.receiver.blocking_recv() {
                Some(Part::Data(bytes)) => self.part = bytes,
                Some(Part::End) => self.ended = true,
                Some(Part::Failed(error)) => return Err(error),
                None => return Err(cut_off()),
            }
        }
        let count = buffer.len().min(self.part.len());
        self.part.copy_to_slice(&mut buffer[..count]);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parts: Vec<Part>) -> io::Result<Vec<u8>> {
        let (sender, receiver) = channel(parts.len().max(1));
        for part in parts {
            sender.try_send(part).map_err(|_| io::Error::other("full"))?;
        }
        drop(sender);
        let mut out = Vec::new();
        ChannelReader { receiver, part: Bytes::new(), ended: false }.read_to_end(&mut out)?;
        Ok(out)
    }

    #[test]
    fn the_engine_says_which_image_it_loaded() {
        assert_eq!(loaded_id("Loaded image ID: sha256:4f\n").as_deref(), Some("sha256:4f"));
        assert_eq!(loaded_id("Loaded image: shop-web:1\n"), None);
        assert_eq!(loaded_id("Importing sha256:4f"), None);
    }

    #[test]
    fn a_stream_that_merely_stops_is_an_error() {
        let data = || Part::Data(Bytes::from_static(b"abc"));
        assert_eq!(
            read(vec![data(), Part::Data(Bytes::new()), data(), Part::End]).unwrap(),
            b"abcabc"
        );
        assert_eq!(read(vec![data()]).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        assert!(read(vec![data(), Part::Failed(io::Error::other("x"))]).is_err());
    }
}
