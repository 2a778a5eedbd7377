//! The accept loop: one thread for each connection, bounded, drained at the end.

use super::drain::Drain;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// Below the 10 s that an engine gives a container between SIGTERM and SIGKILL.
const DRAIN_LIMIT: Duration = Duration::from_secs(8);

/// A listening socket that does not accept before [`Server::run`].
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    drain: Arc<Drain>,
}

impl Server {
    /// Listens on `address`; port 0 takes a free one.
    ///
    /// # Errors
    /// The address can't be bound.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let mut own = listener.local_addr()?;
        if own.ip().is_unspecified() {
            own.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        Ok(Self { listener, drain: Arc::new(Drain::new(own)) })
    }

    /// Where this machine reaches the server.
    ///
    /// # Errors
    /// The socket has no address, which the system alone can explain.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The handle that ends [`Server::run`].
    pub fn drain(&self) -> Arc<Drain> {
        Arc::clone(&self.drain)
    }

    /// Serves until the drain begins, then ends what has begun. False: some had not ended in time.
    ///
    /// # Errors
    /// The socket fails.
    pub fn run<F>(self, serve: F) -> io::Result<bool>
    where
        F: Fn(TcpStream, &Drain) -> io::Result<()> + Send + Sync + 'static,
    {
        let serve = Arc::new(serve);
        while !self.drain.is_on() {
            match self.listener.accept() {
                Ok((stream, _)) => spawn(&self.drain, &serve, stream),
                // The peer left before it was accepted, or a signal came: neither ends a server.
                Err(e) if is_passing(&e) => {}
                Err(e) => return Err(e),
            }
        }
        // To the peer, a connection in the kernel's queue is open: closing now would reset it.
        self.listener.set_nonblocking(true)?;
        while let Ok((stream, _)) = self.listener.accept() {
            spawn(&self.drain, &serve, stream);
        }
        drop(self.listener);
        Ok(self.drain.wait_until_empty(DRAIN_LIMIT))
    }
}

fn spawn<F>(drain: &Arc<Drain>, serve: &Arc<F>, stream: TcpStream)
where
    F: Fn(TcpStream, &Drain) -> io::Result<()> + Send + Sync + 'static,
{
    let (drain, serve) = (Arc::clone(drain), Arc::clone(serve));
    drain.enter();
    thread::spawn(move || {
        let _leave = Leave(&drain);
        // The peer's trouble (it hung up, it talks nonsense) is no news to the server.
        let _ = stream.set_nonblocking(false).and_then(|()| serve(stream, &drain));
    });
}

fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::Interrupted)
}

/// Counts the connection out even if its thread panics.
struct Leave<'a>(&'a Drain);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.0.leave();
    }
}
