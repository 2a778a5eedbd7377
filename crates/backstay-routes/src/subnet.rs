//! A range of addresses, written as in `172.18.0.0/16`.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A range of addresses ([RFC 4632](https://www.rfc-editor.org/rfc/rfc4632), and the same for IPv6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Subnet {
    address: IpAddr,
    bits: u8,
}

impl Subnet {
    /// Whether an address lies within. An IPv4 address that comes as IPv6 counts as IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let shift = 32 - u32::from(self.bits);
                own.to_bits().checked_shr(shift) == other.to_bits().checked_shr(shift)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let shift = 128 - u32::from(self.bits);
                own.to_bits().checked_shr(shift) == other.to_bits().checked_shr(shift)
            }
            _ => false,
        }
    }
}

impl FromStr for Subnet {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no subnet: expected one like `172.18.0.0/16`");
        let (address, bits) = text.split_once('/').ok_or_else(wrong)?;
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let bits: u8 = bits.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        if bits > most {
            return Err(wrong());
        }
        Ok(Self { address, bits })
    }
}

impl TryFrom<String> for Subnet {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Subnet> for String {
    fn from(subnet: Subnet) -> Self {
        subnet.to_string()
    }
}

impl fmt::Display for Subnet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.address, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::Subnet;

    fn contains(subnet: &str, address: &str) -> bool {
        subnet.parse::<Subnet>().unwrap().contains(address.parse().unwrap())
    }

    #[test]
    fn an_address_is_within_by_its_first_bits() {
        assert!(contains("172.18.0.0/16", "172.18.255.1"));
        assert!(!contains("172.18.0.0/16", "172.19.0.1"));
        assert!(contains("10.0.0.7/32", "10.0.0.7"));
        assert!(!contains("10.0.0.7/32", "10.0.0.6"));
        assert!(contains("0.0.0.0/0", "8.8.8.8"));
        assert!(contains("fd00:1::/32", "fd00:1:2::3"));
        assert!(contains("::/0", "fd00::1"));
    }

    #[test]
    fn ipv4_within_ipv6_counts_as_ipv4() {
        assert!(contains("172.18.0.0/16", "::ffff:172.18.0.9"));
        assert!(!contains("::/0", "10.0.0.1"));
    }

    #[test]
    fn what_is_no_subnet_is_said() {
        for text in ["172.18.0.0", "172.18.0.0/33", "x/8", "::/129", "/", ""] {
            assert!(text.parse::<Subnet>().unwrap_err().contains("is no subnet"), "{text}");
        }
    }
}
