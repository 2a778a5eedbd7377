//! Listening sockets.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, TcpKeepalive, Type};

/// As many connections wait for the gateway while it is busy, or gone for a moment. The kernel has a limit of its own.
const BACKLOG: i32 = 4096;

/// Listens on all addresses, of both families where there are two.
pub(crate) fn bind(port: u16) -> io::Result<TcpListener> {
    let six = listen(Domain::IPV6, SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)));
    match six {
        Err(error) if error.kind() != io::ErrorKind::AddrInUse => {
            listen(Domain::IPV4, SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)))
        }
        six => six,
    }
}

/// What is set here holds for the connections, too.
fn listen(domain: Domain, address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
    if domain == Domain::IPV6 {
        socket.set_only_v6(false)?;
    }
    // Connections of the last process that wait for their end do not keep the next one from listening.
    socket.set_reuse_address(true)?;
    socket.set_tcp_nodelay(true)?;
    let alive = TcpKeepalive::new()
        .with_time(Duration::from_secs(75))
        .with_interval(Duration::from_secs(15));
    socket.set_tcp_keepalive(&alive)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}
