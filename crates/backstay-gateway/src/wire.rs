//! A TCP connection that several parts of the gateway look at: the one that reads and writes, and the one that waits whether the
//! other side leaves.

use bytes::{Buf, Bytes};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;

/// How often it is looked at where unread data hides the end.
const LOOK: Duration = Duration::from_millis(200);

/// The connection.
#[derive(Debug)]
pub(crate) struct Wire {
    pub stream: TcpStream,
    /// Something waits to be written.
    writing: AtomicBool,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream) -> Arc<Self> {
        Arc::new(Self { stream, writing: AtomicBool::new(false) })
    }

    pub(crate) fn is_writing(&self) -> bool {
        self.writing.load(Relaxed)
    }

    /// Ends when the other side has closed its end, read or not.
    pub(crate) async fn gone(&self) {
        loop {
            match self.stream.ready(Interest::READABLE).await {
                Ok(ready) if !ready.is_read_closed() && !ready.is_error() => {}
                _ => return,
            }
            // What is not to be read yet keeps it readable.
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Whether nothing has come and nothing has ended. Nobody is told when that changes.
    pub(crate) fn is_quiet(&self) -> bool {
        let mut nobody = Context::from_waker(Waker::noop());
        match self.stream.poll_read_ready(&mut nobody) {
            Poll::Pending => true,
            Poll::Ready(_) => {
                let read = self.stream.try_read(&mut [0]);
                matches!(read, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
            }
        }
    }

    /// Says that nothing more will be written.
    pub(crate) fn finish(&self) -> io::Result<()> {
        socket2::SockRef::from(&self.stream).shutdown(std::net::Shutdown::Write)
    }

    /// Forgets that it was readable. Whoever got less than asked for has emptied the queue, and needs no call to find out.
    pub(crate) fn emptied(&self) {
        let _ = self.stream.try_io(Interest::READABLE, || {
            Err::<(), _>(io::Error::from(io::ErrorKind::WouldBlock))
        });
    }
}

/// Reads and writes a wire.
#[derive(Debug)]
pub(crate) struct Io {
    wire: Arc<Wire>,
    /// What was read before.
    prefix: Bytes,
}

impl Io {
    pub(crate) fn new(wire: Arc<Wire>, prefix: Bytes) -> Self {
        Self { wire, prefix }
    }

    pub(crate) fn into_wire(self) -> Arc<Wire> {
        self.wire
    }
}

impl AsyncRead for Io {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.prefix.is_empty() {
            let length = self.prefix.len().min(buffer.remaining());
            buffer.put_slice(&self.prefix[..length]);
            self.prefix.advance(length);
            return Poll::Ready(Ok(()));
        }
        loop {
            ready!(self.wire.stream.poll_read_ready(cx))?;
            let room = buffer.remaining();
            match self.wire.stream.try_read_buf(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Ok(read) => {
                    if 0 < read && read < room {
                        self.wire.emptied();
                    }
                    return Poll::Ready(Ok(()));
                }
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl Io {
    fn poll_try(
        &self,
        cx: &mut Context<'_>,
        write: impl Fn(&TcpStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            match self.wire.stream.poll_write_ready(cx) {
                Poll::Ready(ready) => ready?,
                Poll::Pending => {
                    self.wire.writing.store(true, Relaxed);
                    return Poll::Pending;
                }
            }
            match write(&self.wire.stream) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                written => {
                    self.wire.writing.store(false, Relaxed);
                    return Poll::Ready(written);
                }
            }
        }
    }
}

impl AsyncWrite for Io {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_try(cx, |stream| stream.try_write(bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_try(cx, |stream| stream.try_write_vectored(parts))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.wire.finish() {
            Err(error) if error.kind() != io::ErrorKind::NotConnected => Poll::Ready(Err(error)),
            _ => Poll::Ready(Ok(())),
        }
    }
}
