//! Host ports for tests.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

/// A port that is free, outside of the range that the system gives to clients, and that no other test gets while this one runs.
pub fn port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    loop {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        // Test processes run side by side: each begins somewhere else.
        let start = (std::process::id() % 900) as u16 * 10;
        let port = 20000 + (start + step) % 9999;
        if is_mine(port) && TcpListener::bind(("0.0.0.0", port)).is_ok() {
            return port;
        }
    }
}

/// Keeps a name for the port as long as the process lives: the port itself is free until somebody has it, and now and then again.
#[cfg(target_os = "linux")]
fn is_mine(port: u16) -> bool {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::{SocketAddr, UnixListener};
    use std::sync::{Mutex, PoisonError};
    static KEPT: Mutex<Vec<UnixListener>> = Mutex::new(Vec::new());

    let name = SocketAddr::from_abstract_name(format!("backstay-t-port-{port}"));
    let kept = name.and_then(|name| UnixListener::bind_addr(&name));
    kept.map(|kept| KEPT.lock().unwrap_or_else(PoisonError::into_inner).push(kept)).is_ok()
}

#[cfg(not(target_os = "linux"))]
const fn is_mine(_port: u16) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_gets_a_port_twice() {
        let mut ports: Vec<u16> = (0..50).map(|_| port()).collect();
        ports.sort_unstable();
        ports.dedup();
        assert_eq!(ports.len(), 50);
    }
}
