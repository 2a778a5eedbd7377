//! Which name server to ask.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Docker's, which every container on a network of its own has.
const DOCKERS: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 11));

/// The first of `/etc/resolv.conf`.
pub(crate) fn nameserver() -> SocketAddr {
    let text = std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
    SocketAddr::new(first(&text).unwrap_or(DOCKERS), 53)
}

fn first(text: &str) -> Option<IpAddr> {
    text.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        (words.next() == Some("nameserver")).then(|| words.next()?.parse().ok()).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::first;

    #[test]
    fn the_first_name_server_is_taken() {
        let text = "# made by the engine\nsearch lan\nnameserver 127.0.0.11\nnameserver 1.1.1.1\n";
        assert_eq!(first(text), "127.0.0.11".parse().ok());
        assert_eq!(first("options ndots:0\n"), None);
    }
}
