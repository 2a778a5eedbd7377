//! One question over UDP ([RFC 1035](https://www.rfc-editor.org/rfc/rfc1035)).

use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, QTYPE, Question, TYPE};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::time::timeout;

/// How long an answer may take; then it is asked for once more.
const PATIENCE: Duration = Duration::from_millis(700);

/// The addresses of a name. None: the server knows none.
pub(super) async fn addresses(server: SocketAddr, name: &str) -> io::Result<Vec<IpAddr>> {
    let four = ask(server, name, TYPE::A).await?;
    if !four.is_empty() {
        return Ok(four);
    }
    ask(server, name, TYPE::AAAA).await
}

async fn ask(server: SocketAddr, name: &str, kind: TYPE) -> io::Result<Vec<IpAddr>> {
    // A socket each: its port is a number more that a forged answer would have to guess.
    let any =
        if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).await?;
    socket.connect(server).await?;
    let id = u16::try_from(RandomState::new().hash_one(name) & 0xffff).unwrap_or(1);
    let query = question(id, name, kind).map_err(io::Error::other)?;
    for _ in 0..2 {
        socket.send(&query).await?;
        match timeout(PATIENCE, answer(&socket, id)).await {
            Ok(found) => return found,
            Err(_) => continue,
        }
    }
    Err(io::Error::new(io::ErrorKind::TimedOut, format!("the name server {server} says nothing")))
}

fn question(id: u16, name: &str, kind: TYPE) -> Result<Vec<u8>, simple_dns::SimpleDnsError> {
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    packet.questions.push(Question::new(
        Name::new(name)?,
        QTYPE::TYPE(kind),
        CLASS::IN.into(),
        false,
    ));
    packet.build_bytes_vec()
}

/// Waits for the answer with this id, and passes over all others.
async fn answer(socket: &UdpSocket, id: u16) -> io::Result<Vec<IpAddr>> {
    let mut buffer = [0; 4096];
    loop {
        let read = socket.recv(&mut buffer).await?;
        let Ok(packet) = Packet::parse(&buffer[..read]) else { continue };
        if packet.id() == id && packet.has_flags(PacketFlag::RESPONSE) {
            return Ok(packet.answers.iter().filter_map(|record| address(&record.rdata)).collect());
        }
    }
}

fn address(data: &RData<'_>) -> Option<IpAddr> {
    match data {
        RData::A(a) => Some(Ipv4Addr::from(a.address).into()),
        RData::AAAA(aaaa) => Some(Ipv6Addr::from(aaaa.address).into()),
        _ => None,
    }
}
