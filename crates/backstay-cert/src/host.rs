//! One name of a certificate: a DNS name or an IP address (RFC 5280, section 4.2.1.6).

use std::fmt;
use std::net::IpAddr;

use crate::text::shown;
use crate::{Error, Result};

/// A name of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Host {
    /// A DNS name in lower case, perhaps with a wildcard as its first label.
    Dns(String),
    /// An address.
    Ip(IpAddr),
}

impl Host {
    /// Reads a name. Underscores are allowed, because names of Compose services have them.
    pub(crate) fn parse(name: &str) -> Result<Self> {
        if let Ok(address) = name.parse() {
            return Ok(Self::Ip(address));
        }
        match fault(name) {
            None => Ok(Self::Dns(name.to_ascii_lowercase())),
            Some(problem) => Err(Error::Name { name: shown(name), problem: problem.to_owned() }),
        }
    }

    /// Whether a certificate with the name `self` is good for `wanted`. A wildcard stands for exactly one label
    /// (RFC 6125, section 6.4.3).
    pub(crate) fn covers(&self, wanted: &Self) -> bool {
        match (self, wanted) {
            (Self::Ip(own), Self::Ip(wanted)) => own == wanted,
            (Self::Dns(own), Self::Dns(wanted)) if own == wanted => true,
            (Self::Dns(own), Self::Dns(wanted)) => own.strip_prefix("*.").is_some_and(|parent| {
                wanted.split_once('.').is_some_and(|(label, rest)| label != "*" && rest == parent)
            }),
            _ => false,
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => f.write_str(name),
            Self::Ip(address) => address.fmt(f),
        }
    }
}

fn fault(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("it is empty");
    }
    if name.contains("://") || name.contains('/') || name.contains(':') {
        return Some("give only the host name or the address, without scheme, port or path");
    }
    if !name.is_ascii() {
        return Some("write an international name in its ASCII form, which begins with `xn--`");
    }
    if name.len() > 253 {
        return Some("it is longer than 253 characters");
    }
    let host = name.strip_prefix("*.").unwrap_or(name);
    if host.contains('*') {
        return Some("`*` can only be the whole first part, as in `*.example.com`");
    }
    if host.len() < name.len() && !host.contains('.') {
        return Some(
            "after `*.` there must be a name of at least two parts, as in `*.example.com`",
        );
    }
    if host.split('.').any(|label| label.is_empty() || label.len() > 63) {
        return Some("each part between the dots has 1 to 63 characters");
    }
    if !host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_')) {
        return Some("only letters, digits, `-`, `_` and dots are allowed");
    }
    if host.split('.').any(|label| label.starts_with('-') || label.ends_with('-')) {
        return Some("a part can't begin or end with `-`");
    }
    let last = host.rsplit('.').next().unwrap_or_default();
    last.bytes()
        .all(|b| b.is_ascii_digit())
        .then_some("it is neither an IP address nor a host name")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_host_name_or_an_address() {
        for good in [
            "localhost",
            "my_api",
            "Shop.Example.com",
            "*.example.com",
            "10.0.0.1",
            "::1",
            "a1.b2",
            "3com.net",
        ] {
            assert!(Host::parse(good).is_ok(), "{good}");
        }
        let long = "a".repeat(64);
        for bad in [
            "",
            " ",
            "a b",
            "a..b",
            "a.",
            ".a",
            "-a",
            "a-",
            "*",
            "*.com",
            "a.*.b",
            "https://a",
            "a:443",
            "a/b",
            "256.1.1.1",
            "1.2.3",
            "商店.cn",
            "[::1]",
            "a\u{1b}[31m",
            long.as_str(),
        ] {
            let error = Host::parse(bad).unwrap_err();
            assert!(!error.to_string().contains('\u{1b}'), "{error}");
        }
    }

    #[test]
    fn a_wildcard_stands_for_one_label() {
        let covers = |own: &str, wanted: &str| {
            Host::parse(own).unwrap().covers(&Host::parse(wanted).unwrap())
        };
        assert!(covers("*.example.com", "shop.EXAMPLE.com"));
        assert!(!covers("*.example.com", "example.com"));
        assert!(!covers("*.example.com", "a.shop.example.com"));
        assert!(covers("::1", "0:0:0:0:0:0:0:1"));
        assert!(!covers("127.0.0.1", "localhost"));
    }
}
