//! The client's address for a service that asks for it: the
//! [PROXY protocol](https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt), version 2.

use std::net::{IpAddr, SocketAddr};

const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// Version 2, and a connection on behalf of another one.
const PROXIED: u8 = 0x21;
const TCP_4: u8 = 0x11;
const TCP_6: u8 = 0x21;

/// The header of a connection.
pub(crate) fn proxy_header(client: SocketAddr, arrived_at: SocketAddr) -> Vec<u8> {
    let mut header = SIGNATURE.to_vec();
    header.push(PROXIED);
    let addresses = match (client.ip(), arrived_at.ip()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            header.push(TCP_4);
            [from.octets(), to.octets()].concat()
        }
        (from, to) => {
            header.push(TCP_6);
            [six(from), six(to)].concat()
        }
    };
    let length = u16::try_from(addresses.len() + 4).unwrap_or(0);
    header.extend(length.to_be_bytes());
    header.extend(addresses);
    header.extend(client.port().to_be_bytes());
    header.extend(arrived_at.port().to_be_bytes());
    header
}

fn six(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(four) => four.to_ipv6_mapped().octets(),
        IpAddr::V6(six) => six.octets(),
    }
}

#[cfg(test)]
mod tests {
    use super::proxy_header;

    #[test]
    fn the_header_is_that_of_the_specification() {
        let header =
            proxy_header("192.0.2.7:4660".parse().unwrap(), "10.0.0.1:80".parse().unwrap());
        let expected =
            b"\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c\xc0\0\x02\x07\x0a\0\0\x01\x12\x34\0\x50";
        assert_eq!(header, expected);
        let six = proxy_header("[::1]:1".parse().unwrap(), "[::1]:2".parse().unwrap());
        assert_eq!((six.len(), six[13], six[15]), (16 + 36, 0x21, 36));
    }
}
