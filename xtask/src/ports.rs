//! Ports of this machine that nobody listens on.

use crate::failure::{Failure, Result};
use std::net::{Ipv4Addr, TcpListener};

/// Below what systems hand out to outgoing connections: a request to a port that is closed for a
/// moment could otherwise be given that very port to come from, and keep it from being opened.
const RANGE: std::ops::Range<u16> = 20_000..30_000;

/// `count` different ones. They are free now; nothing keeps them so.
pub(crate) fn free(count: usize) -> Result<Vec<u16>> {
    // Begun at another place by each process, as two of them may look at the same time.
    let size = usize::from(RANGE.end - RANGE.start);
    let first = (std::process::id() as usize).wrapping_mul(101) % size;
    // All are held until all are found: the next call starts at the same place.
    let candidates = RANGE.cycle().skip(first).take(size);
    let free = candidates.filter_map(|port| {
        TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).ok().map(|held| (port, held))
    });
    let found: Vec<_> = free.take(count).collect();
    if found.len() < count {
        return Err(Failure::new(format!("no {count} free ports in {RANGE:?}")));
    }
    Ok(found.into_iter().map(|(port, _)| port).collect())
}

#[cfg(test)]
mod tests {
    #[test]
    fn ports_are_free_and_different() {
        let mut ports = super::free(50).unwrap();
        ports.sort();
        ports.dedup();
        assert_eq!(ports.len(), 50);
    }
}
