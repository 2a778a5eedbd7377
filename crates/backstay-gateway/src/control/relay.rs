//! Older workers that still finish what they have: they too must know of new routes and of holds, or a request over an old
//! connection would go to a container that is about to stop.

use crate::log::say;
use crate::state::Folder;
use backstay_routes::{Answer, Drained, Envelope, Reply, Request};
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::time::timeout;

/// How long an older worker has to answer, on top of what the request itself takes.
const PATIENCE: Duration = Duration::from_secs(2);

/// The connections of one session. A hold over there ends with them, as it ends here with the session.
#[derive(Debug)]
pub(super) struct Relay {
    folder: Folder,
    open: HashMap<PathBuf, BufReader<UnixStream>>,
}

impl Relay {
    pub(super) fn new(folder: Folder) -> Self {
        Self { folder, open: HashMap::new() }
    }

    /// Tells all of them. One that does not hear is on its way out.
    pub(super) async fn tell(&mut self, request: &Request) {
        for path in self.folder.all_retiring() {
            let connection = match self.open.remove(&path) {
                Some(connection) => Some(connection),
                None => connect(&path).await,
            };
            let Some(mut connection) = connection else { continue };
            match timeout(PATIENCE, ask(&mut connection, request)).await {
                Ok(Ok(_)) => drop(self.open.insert(path, connection)),
                Ok(Err(error)) => say!("`{}` does not answer: {error}", path.display()),
                Err(_) => say!("`{}` does not answer in time", path.display()),
            }
        }
    }
}

/// What older workers still have under way to a target. `None`: none of them knows it.
pub(super) async fn drain(
    folder: &Folder,
    request: &Request,
    at_most: Duration,
) -> Option<Drained> {
    let mut sum = None;
    for path in folder.all_retiring() {
        let Some(mut connection) = connect(&path).await else { continue };
        let answered = timeout(at_most + PATIENCE * 2, ask(&mut connection, request)).await;
        if let Ok(Ok(Answer::Drained(drained))) = answered {
            let sum = sum.get_or_insert_with(Drained::default);
            sum.left_requests += drained.left_requests;
            sum.left_streams += drained.left_streams;
            sum.cut += drained.cut;
        }
    }
    sum
}

async fn connect(path: &Path) -> Option<BufReader<UnixStream>> {
    match UnixStream::connect(path).await {
        Ok(stream) => Some(BufReader::new(stream)),
        Err(_) => {
            // Its worker is gone, and could not take it away.
            let _ = std::fs::remove_file(path);
            None
        }
    }
}

async fn ask(connection: &mut BufReader<UnixStream>, request: &Request) -> io::Result<Answer> {
    let envelope = Envelope { id: None, request: request.clone() };
    let mut line = serde_json::to_vec(&envelope)?;
    line.push(b'\n');
    connection.get_mut().write_all(&line).await?;
    let mut answer = String::new();
    connection.read_line(&mut answer).await?;
    Ok(serde_json::from_str::<Reply>(&answer)?.answer)
}
