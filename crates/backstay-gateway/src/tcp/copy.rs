//! Carrying bytes both ways until both sides have said all. A connection that says nothing holds no buffer: there is one for each
//! thread, and what the other side does not take at once is kept until it does.

use crate::wire::Wire;
use std::cell::RefCell;
use std::future::Future;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

const BUFFER: usize = 64 << 10;

thread_local! {
    static SHARED: RefCell<Vec<u8>> = RefCell::new(vec![0; BUFFER]);
}

/// Lends the thread's buffer. Not for longer than until the next `await`.
pub(crate) fn with_buffer<T>(with: impl FnOnce(&mut [u8]) -> T) -> T {
    SHARED.with_borrow_mut(|buffer| with(buffer))
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Both sides have said all.
    Well,
    /// One of them broke off.
    Broken,
    /// It was told to end.
    Cut,
}

/// Carries bytes between two connections. `inbound` and `outbound` count them, seen from the client.
pub(crate) async fn copy(
    client: &Wire,
    service: &Wire,
    inbound: &AtomicU64,
    outbound: &AtomicU64,
    cut: impl Future<Output = ()>,
) -> Ended {
    let half = AtomicBool::new(false);
    let both = async {
        let half = &half;
        tokio::try_join!(
            pump(client, service, inbound, half),
            pump(service, client, outbound, half)
        )
    };
    tokio::select! {
        biased;
        ended = both => if ended.is_ok() { Ended::Well } else { Ended::Broken },
        () = cut => Ended::Cut,
    }
}

/// One direction. Its end is passed on, and the other direction goes on. After the end of both the connections are closed, which
/// says that of the second one.
async fn pump(from: &Wire, to: &Wire, count: &AtomicU64, half: &AtomicBool) -> io::Result<()> {
    loop {
        from.stream.readable().await?;
        let (read, rest) = match with_buffer(|buffer| move_some(from, to, buffer)) {
            Ok(moved) => moved,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
            Err(error) => return Err(error),
        };
        count.fetch_add(read as u64, Relaxed);
        if read == 0 {
            if half.swap(true, Relaxed) {
                return Ok(());
            }
            return match to.finish() {
                Err(error) if error.kind() != io::ErrorKind::NotConnected => Err(error),
                _ => Ok(()),
            };
        }
        write_all(to, &rest).await?;
        tokio::task::consume_budget().await;
    }
}

/// Reads once and writes once. What was not taken is given back.
fn move_some(from: &Wire, to: &Wire, buffer: &mut [u8]) -> io::Result<(usize, Vec<u8>)> {
    let read = from.stream.try_read(buffer)?;
    if read == 0 {
        return Ok((0, Vec::new()));
    }
    if read < buffer.len() {
        from.emptied();
    }
    let written = match to.stream.try_write(&buffer[..read]) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
        written => written?,
    };
    Ok((read, buffer[written..read].to_vec()))
}

/// Writes all of it, waiting as long as it takes.
pub(crate) async fn write_all(to: &Wire, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        to.stream.writable().await?;
        match to.stream.try_write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            written => bytes = &bytes[written?..],
        }
    }
    Ok(())
}
