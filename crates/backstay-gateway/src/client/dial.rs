//! Connecting to a service. It is near: most connections are there when the call to make them returns, and nothing needs to be
//! waited for.

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, ipproto, socket_with, sockopt};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long a target has to accept a connection.
const CONNECT: Duration = Duration::from_secs(2);

/// Connects, or gives up when its time is over.
pub(crate) async fn dial_in_time(address: SocketAddr) -> io::Result<TcpStream> {
    timeout(CONNECT, dial(address)).await?
}

/// Connects, waiting as long as it takes. Small writes are sent at once.
async fn dial(address: SocketAddr) -> io::Result<TcpStream> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = socket_with(family, SocketType::STREAM, flags, Some(ipproto::TCP))?;
    let _ = sockopt::set_tcp_nodelay(&socket, true);
    let begun = connect(&socket, &address);
    // Asked again, it says whether that is over.
    let begun = if begun == Err(Errno::INPROGRESS) { connect(&socket, &address) } else { begun };
    let is_there = match begun {
        Ok(()) | Err(Errno::ISCONN) => true,
        Err(Errno::INPROGRESS | Errno::ALREADY) => false,
        Err(error) => return Err(error.into()),
    };
    let stream = TcpStream::from_std(socket.into())?;
    if !is_there {
        stream.writable().await?;
        if let Some(error) = stream.take_error()? {
            return Err(error);
        }
    }
    Ok(stream)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn what_is_said_at_once_arrives() {
        for place in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(listener) = TcpListener::bind(place).await else { continue };
            let mut client = dial(listener.local_addr().unwrap()).await.unwrap();
            client.write_all(b"hello").await.unwrap();
            let (mut server, _) = listener.accept().await.unwrap();
            let mut said = [0; 5];
            server.read_exact(&mut said).await.unwrap();
            assert_eq!(&said, b"hello");
        }
    }

    #[tokio::test]
    async fn nobody_there_is_an_error() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let error = dial(address).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    }

    #[tokio::test]
    async fn one_that_does_not_answer_is_waited_for() {
        // Its queue is full: the kernel drops what comes beyond it.
        let socket =
            socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
        socket.bind(&"127.0.0.1:0".parse::<SocketAddr>().unwrap().into()).unwrap();
        socket.listen(0).unwrap();
        let address = socket.local_addr().unwrap().as_socket().unwrap();
        let mut kept = Vec::new();
        while let Ok(connected) = timeout(Duration::from_millis(200), dial(address)).await {
            kept.push(connected.unwrap());
            assert!(kept.len() < 10, "its queue has no end");
        }
    }
}
