//! An address that can be connected to.

use std::io;
use std::path::PathBuf;

use tokio::io::{AsyncRead, AsyncWrite};

/// Bytes in both directions.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// A connection.
pub(crate) type Stream = Box<dyn Duplex>;

/// Where an engine listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Address {
    /// A unix socket.
    Unix(PathBuf),
    /// A named pipe, `\\.\pipe\…`.
    Pipe(String),
    /// Plain TCP, `host:port`.
    Tcp(String),
}

impl Address {
    /// Connects.
    pub(crate) async fn connect(&self) -> io::Result<Stream> {
        match self {
            Self::Tcp(address) => {
                let stream = tokio::net::TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
            #[cfg(unix)]
            Self::Unix(path) => Ok(Box::new(tokio::net::UnixStream::connect(path).await?)),
            #[cfg(windows)]
            Self::Pipe(name) => open_pipe(name).await,
            #[allow(unreachable_patterns)] // each platform lacks one of them
            _ => Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "this kind of address does not exist on this platform",
            )),
        }
    }

    /// Whether the engine is on this machine, so that its host ports are this machine's.
    pub(crate) const fn is_local(&self) -> bool {
        matches!(self, Self::Unix(_) | Self::Pipe(_))
    }
}

/// Opens a named pipe. All of its instances may be busy for a moment.
#[cfg(windows)]
async fn open_pipe(name: &str) -> io::Result<Stream> {
    const ERROR_PIPE_BUSY: i32 = 231;
    loop {
        match tokio::net::windows::named_pipe::ClientOptions::new().open(name) {
            Ok(pipe) => return Ok(Box::new(pipe)),
            Err(error) if error.raw_os_error() == Some(ERROR_PIPE_BUSY) => {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            Err(error) => return Err(error),
        }
    }
}
