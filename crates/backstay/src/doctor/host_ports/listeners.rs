//! Which process listens at a port: `/proc/net/{tcp,tcp6,udp,udp6}` names the socket, `/proc/<pid>/fd` who has it.

use std::fs;

/// Who has a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Owner {
    /// This process.
    Process {
        /// Its id.
        pid: u32,
        /// Its name, without arguments: they may hold passwords.
        command: String,
    },
    /// A process of this user, which can't be looked at.
    User(u32),
}

/// A socket of the tables.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Socket {
    inode: String,
    user: u32,
}

/// `LISTEN` of TCP, and `CLOSE` of UDP: that is how an unconnected socket is shown.
const STATES: [(&str, &str); 2] = [("tcp", "0A"), ("udp", "07")];

/// Who has the port; `None` where nobody is found.
pub(super) fn owner(protocol: &str, port: u16) -> Option<Owner> {
    let (_, state) = STATES.iter().find(|(name, _)| *name == protocol)?;
    let tables = ["", "6"].map(|suffix| {
        fs::read_to_string(format!("/proc/net/{protocol}{suffix}")).unwrap_or_default()
    });
    let sockets: Vec<Socket> = tables.iter().flat_map(|t| sockets(t, port, state)).collect();
    let first = sockets.first()?;
    let holder = sockets.iter().find_map(|socket| process(&socket.inode));
    Some(holder.unwrap_or(Owner::User(first.user)))
}

fn sockets(table: &str, port: u16, state: &str) -> Vec<Socket> {
    let wanted = format!("{port:04X}");
    let rows = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    rows.filter(|row| {
        row.get(1).and_then(|local| local.rsplit(':').next()) == Some(&wanted)
            && row.get(3) == Some(&state)
    })
    .filter_map(|row| {
        Some(Socket { user: row.get(7)?.parse().ok()?, inode: (*row.get(9)?).to_owned() })
    })
    .collect()
}

fn process(inode: &str) -> Option<Owner> {
    let wanted = format!("socket:[{inode}]");
    for entry in fs::read_dir("/proc").ok()?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        // Those of other users can't be read.
        let Ok(open) = fs::read_dir(entry.path().join("fd")) else { continue };
        let links = open.flatten().filter_map(|file| fs::read_link(file.path()).ok());
        if links.into_iter().any(|link| link.as_os_str() == wanted.as_str()) {
            let command = fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
            return Some(Owner::Process { pid, command: command.trim().to_owned() });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, UdpSocket};

    #[test]
    fn this_process_is_found_by_the_ports_that_it_has() {
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        let ports = [("tcp", tcp.local_addr().unwrap()), ("udp", udp.local_addr().unwrap())];
        for (protocol, address) in ports {
            match owner(protocol, address.port()) {
                Some(Owner::Process { pid, command }) => {
                    assert_eq!(pid, std::process::id());
                    assert!(!command.is_empty());
                }
                other => panic!("{protocol}: {other:?}"),
            }
        }
    }

    #[test]
    fn only_listening_sockets_of_the_port_count() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 777 1\n   1: 0100007F:1F90 0100007F:A000 01 00000000:00000000 00:00000000 00000000     0        0 778 1\n   2: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 779 1\n";
        let wanted = [Socket { inode: "777".to_owned(), user: 1000 }];
        assert_eq!(sockets(table, 8080, "0A"), wanted);
    }
}
