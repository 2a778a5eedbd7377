//! A listener that only this user can reach: a unix socket in a private folder, or a named pipe with a random name.

use std::io;

use super::address::{Address, Stream};
use crate::scratch::Scratch;

/// A listener that a `docker` program on this machine can be pointed to.
pub(crate) struct Listener {
    #[cfg(unix)]
    socket: tokio::net::UnixListener,
    #[cfg(windows)]
    next: tokio::sync::Mutex<tokio::net::windows::named_pipe::NamedPipeServer>,
    address: Address,
    _scratch: Scratch,
}

#[cfg(unix)]
impl Listener {
    /// Listens.
    pub(crate) fn bind() -> io::Result<Self> {
        let scratch = Scratch::new()?;
        let path = scratch.path().join("engine.sock");
        let socket = tokio::net::UnixListener::bind(&path)?;
        Ok(Self { socket, address: Address::Unix(path), _scratch: scratch })
    }

    /// Waits for the next connection.
    pub(crate) async fn accept(&self) -> io::Result<Stream> {
        Ok(Box::new(self.socket.accept().await?.0))
    }

    /// What `DOCKER_HOST` has to be.
    pub(crate) fn docker_host(&self) -> String {
        match &self.address {
            Address::Unix(path) => format!("unix://{}", path.display()),
            Address::Pipe(name) | Address::Tcp(name) => name.clone(),
        }
    }
}

#[cfg(windows)]
impl Listener {
    /// Listens.
    pub(crate) fn bind() -> io::Result<Self> {
        use tokio::net::windows::named_pipe::ServerOptions;
        let scratch = Scratch::new()?;
        let random = scratch.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
        let name = format!(r"\\.\pipe\{}", random.trim_start_matches('.'));
        let first = ServerOptions::new().first_pipe_instance(true).create(&name)?;
        let next = tokio::sync::Mutex::new(first);
        Ok(Self { next, address: Address::Pipe(name), _scratch: scratch })
    }

    /// Waits for the next connection.
    pub(crate) async fn accept(&self) -> io::Result<Stream> {
        use tokio::net::windows::named_pipe::ServerOptions;
        let Address::Pipe(name) = &self.address else {
            return Err(io::ErrorKind::Unsupported.into());
        };
        let mut next = self.next.lock().await;
        next.connect().await?;
        let following = ServerOptions::new().create(name)?;
        Ok(Box::new(std::mem::replace(&mut *next, following)))
    }

    /// What `DOCKER_HOST` has to be.
    pub(crate) fn docker_host(&self) -> String {
        match &self.address {
            Address::Pipe(name) => format!("npipe://{}", name.replace('\\', "/")),
            Address::Unix(path) => path.display().to_string(),
            Address::Tcp(name) => name.clone(),
        }
    }
}

impl Listener {
    /// Where it listens.
    pub(crate) const fn address(&self) -> &Address {
        &self.address
    }
}
