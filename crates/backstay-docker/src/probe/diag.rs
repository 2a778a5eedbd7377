//! The kernel's table of connections as sock_diag(7) tells it. Of `/proc/net/tcp` the kernel looks at every place of its table for
//! each reader, on a machine with much memory for tenths of a second.

use std::fmt::Write;
use std::fs::File;
use std::thread;

use rustix::fd::AsFd;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink, recv, send, socket_with,
};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

const TCP: u8 = 6;

/// `SOCK_DIAG_BY_FAMILY`, `NLM_F_REQUEST | NLM_F_DUMP`, `NLMSG_DONE` of <linux/netlink.h> and <linux/sock_diag.h>.
const BY_FAMILY: u16 = 20;
const REQUEST_DUMP: u16 = 0x301;
const DONE: u16 = 3;

const HEADER: usize = 16;

/// The lines of `/proc/net/tcp` and `/proc/net/tcp6` for the connections in these states, in the network of a process; `None` where
/// it can't be entered, as only root can.
pub(super) fn lines(pid: u64, states: u32) -> Option<String> {
    let network = File::open(format!("/proc/{pid}/ns/net")).ok()?;
    // The thread that has entered it ends in it.
    let asked = thread::spawn(move || {
        move_into_link_name_space(network.as_fd(), Some(LinkNameSpaceType::Network)).ok()?;
        here(states)
    });
    asked.join().ok()?
}

/// Those of the network that this thread is in.
fn here(states: u32) -> Option<String> {
    let mut lines = String::new();
    for family in [AddressFamily::INET, AddressFamily::INET6] {
        ask(family, states, &mut lines)?;
    }
    Some(lines)
}

fn ask(family: AddressFamily, states: u32, lines: &mut String) -> Option<()> {
    let (kind, flags) = (SocketType::DGRAM, SocketFlags::CLOEXEC);
    let kernel = socket_with(AddressFamily::NETLINK, kind, flags, Some(netlink::SOCK_DIAG)).ok()?;
    send(&kernel, &request(u8::try_from(family.as_raw()).ok()?, states), SendFlags::empty())
        .ok()?;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let (length, whole) = recv(&kernel, buffer.as_mut_slice(), RecvFlags::TRUNC).ok()?;
        if whole > length {
            return None;
        }
        if take(&buffer[..length], lines)? {
            return Some(());
        }
    }
}

/// `struct nlmsghdr`, then `struct inet_diag_req_v2` without a place to begin at.
fn request(family: u8, states: u32) -> Vec<u8> {
    let mut request = Vec::with_capacity(72);
    request.extend(72_u32.to_ne_bytes());
    request.extend(BY_FAMILY.to_ne_bytes());
    request.extend(REQUEST_DUMP.to_ne_bytes());
    request.extend([0; 8]);
    request.extend([family, TCP, 0, 0]);
    request.extend(states.to_ne_bytes());
    request.resize(72, 0);
    request
}

/// Takes the messages of one answer. Says whether it was the last; `None` where it is an error or none of this kind.
fn take(mut answer: &[u8], lines: &mut String) -> Option<bool> {
    while !answer.is_empty() {
        let length = u32::from_ne_bytes(answer.get(..4)?.try_into().ok()?) as usize;
        match u16::from_ne_bytes(answer.get(4..6)?.try_into().ok()?) {
            DONE => return Some(true),
            BY_FAMILY => line(answer.get(HEADER..length)?, lines)?,
            _ => return None,
        }
        // Messages begin at multiples of four bytes.
        answer = answer.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    Some(false)
}

/// `struct inet_diag_msg` as a line of the table.
fn line(message: &[u8], lines: &mut String) -> Option<()> {
    let (family, state) = (*message.first()?, *message.get(1)?);
    let words = if u16::from(family) == AddressFamily::INET.as_raw() { 1 } else { 4 };
    lines.push_str("0:");
    for (port, address) in [(4, 8), (6, 24)] {
        lines.push(' ');
        for word in 0..words {
            let at = address + 4 * word;
            let word = u32::from_ne_bytes(message.get(at..at + 4)?.try_into().ok()?);
            write!(lines, "{word:08X}").ok()?;
        }
        let port = u16::from_be_bytes(message.get(port..port + 2)?.try_into().ok()?);
        write!(lines, ":{port:04X}").ok()?;
    }
    writeln!(lines, " {state:02X}").ok()
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;
    use crate::probe::listening::{ALL, row};

    /// What `/proc` says of a port: local and remote address, state.
    fn of_port(table: &str, port: u16) -> Vec<(String, String, String)> {
        let ending = format!(":{port:04X}");
        let rows = table.lines().filter_map(row);
        let own = rows.filter(|row| row.local.ends_with(&ending));
        let mut own: Vec<_> = own
            .map(|row| (row.local.to_owned(), row.remote.to_owned(), row.state.to_owned()))
            .collect();
        own.sort();
        own
    }

    #[test]
    fn it_says_what_proc_says() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(listener) = TcpListener::bind(address) else { continue };
            let port = listener.local_addr().unwrap().port();
            let _client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let (_accepted, _) = listener.accept().unwrap();
            let proc = ["tcp", "tcp6"].map(|file| {
                std::fs::read_to_string(format!("/proc/net/{file}")).unwrap_or_default()
            });
            let found = of_port(&here(ALL).unwrap(), port);
            assert_eq!(found.len(), 2, "{found:?}");
            assert_eq!(found, of_port(&proc.concat(), port));
        }
    }
}
