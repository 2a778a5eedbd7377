//! Signals as something that can be waited for.

use signal_hook::consts::{SIGCHLD, SIGINT, SIGTERM};
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

/// The signals that matter.
#[derive(Debug)]
pub(super) struct Signals {
    end: UnixStream,
    child: UnixStream,
}

impl Signals {
    pub(super) fn watch() -> io::Result<Self> {
        let (end, raised) = UnixStream::pair()?;
        signal_hook::low_level::pipe::register(SIGTERM, raised.try_clone()?)?;
        signal_hook::low_level::pipe::register(SIGINT, raised)?;
        let (child, raised) = UnixStream::pair()?;
        signal_hook::low_level::pipe::register(SIGCHLD, raised)?;
        end.set_nonblocking(true)?;
        child.set_nonblocking(true)?;
        Ok(Self { end, child })
    }

    /// Readable after a signal.
    pub(super) fn sources(&self) -> [BorrowedFd<'_>; 2] {
        [self.end.as_fd(), self.child.as_fd()]
    }

    /// Whether it is to end. Forgets all that came.
    pub(super) fn take(&mut self) -> bool {
        let mut buffer = [0; 64];
        while matches!(self.child.read(&mut buffer), Ok(read) if read > 0) {}
        matches!(self.end.read(&mut buffer), Ok(read) if read > 0)
    }
}
