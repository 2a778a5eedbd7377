//! A way to engines behind SSH or TLS: a local socket, each of whose connections is the standard input and output of a
//! `docker system dial-stdio`.

use std::io;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};

use backstay_core::engine::EngineError;
use tokio::io::{AsyncReadExt, copy_bidirectional};
use tokio::process::Command;
use tokio::task::{JoinHandle, JoinSet};

use super::address::{Address, Stream};
use super::listener::Listener;

/// A tunnel. It and its connections end when this is dropped.
pub(crate) struct Tunnel {
    address: Address,
    task: JoinHandle<()>,
    complaint: Complaint,
}

/// What the docker CLI last wrote to its standard error.
type Complaint = Arc<Mutex<String>>;

impl Tunnel {
    /// Opens one through the docker CLI with these arguments before its command.
    pub(crate) fn open(arguments: Vec<String>) -> io::Result<Self> {
        let listener = Listener::bind()?;
        let address = listener.address().clone();
        let arguments = Arc::new(arguments);
        let complaint = Complaint::default();
        let heard = Arc::clone(&complaint);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok(stream) = listener.accept().await {
                let (arguments, heard) = (Arc::clone(&arguments), Arc::clone(&heard));
                connections.spawn(async move {
                    // A connection that fails is closed, and whoever made it sees that.
                    if let Err(error) = forward(stream, &arguments, &heard).await {
                        note(&heard, &error.to_string());
                    }
                });
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self { address, task, complaint })
    }

    /// The local end.
    pub(crate) const fn address(&self) -> &Address {
        &self.address
    }

    /// Adds the docker CLI's own words to an error: from this side a tunnel that fails only looks closed.
    pub(crate) fn explain(&self, mut error: EngineError) -> EngineError {
        let complaint = self.complaint.lock().unwrap_or_else(PoisonError::into_inner);
        if !complaint.is_empty() {
            error.message.clone_from(&complaint);
        }
        error
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn forward(mut stream: Stream, arguments: &[String], heard: &Complaint) -> io::Result<()> {
    let mut child = Command::new("docker")
        .args(arguments)
        .args(["system", "dial-stdio"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let parts = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(input), Some(output), Some(mut errors)) = parts else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    let mut pipe = tokio::io::join(output, input);
    let copied = copy_bidirectional(&mut stream, &mut pipe);
    let listened = async {
        let mut part = [0; 4096];
        while let Ok(count @ 1..) = errors.read(&mut part).await {
            note(heard, String::from_utf8_lossy(&part[..count]).trim());
        }
    };
    tokio::join!(copied, listened).0.map(|_| ())
}

fn note(heard: &Complaint, text: &str) {
    if !text.is_empty() {
        text.clone_into(&mut heard.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::Raw;
    use hyper::Method;

    #[tokio::test]
    async fn an_engine_is_reached_through_the_docker_program() {
        if std::env::var_os("BACKSTAY_E2E").is_none_or(|value| value != "1") {
            eprintln!("skipped: set BACKSTAY_E2E=1 to use the engine");
            return;
        }
        let tunnel = Tunnel::open(Vec::new()).unwrap();
        let raw = Raw::new(tunnel.address().clone());
        for _ in 0..3 {
            let reply = raw.exchange(Method::GET, "/version", None).await.unwrap();
            assert!(reply.status.is_success());
        }
    }

    #[tokio::test]
    async fn what_the_docker_program_complains_of_is_told() {
        if std::env::var_os("BACKSTAY_E2E").is_none_or(|value| value != "1") {
            eprintln!("skipped: set BACKSTAY_E2E=1 to use the docker program");
            return;
        }
        let tunnel = Tunnel::open(vec!["--context".to_owned(), "backstay-t-none".to_owned()]);
        let tunnel = tunnel.unwrap();
        let raw = Raw::new(tunnel.address().clone());
        let error = raw.exchange(Method::GET, "/version", None).await.err().unwrap();
        let error = tunnel.explain(error.into_engine("connecting", "x"));
        assert!(error.message.contains("backstay-t-none"), "{error}");
    }
}
