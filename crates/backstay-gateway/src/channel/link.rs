//! One end of the pair of sockets between two processes. It keeps messages apart from each other (`SOCK_SEQPACKET`), and
//! carries file descriptors: the same open file description on both sides, with one queue of arrivals.

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// As many as the kernel lets pass in one message (`SCM_MAX_FD`).
pub(crate) const MAX_SOCKETS: usize = 253;

/// A message has a few hundred bytes for each port; the longest text in it is an error.
const MAX_BYTES: usize = 128 << 10;

/// One end.
#[derive(Debug)]
pub(crate) struct Link(OwnedFd);

/// What came.
#[derive(Debug)]
pub(crate) struct Received<T> {
    pub message: T,
    pub sockets: Vec<OwnedFd>,
}

impl Link {
    /// Both ends.
    pub(crate) fn pair() -> io::Result<(Self, Self)> {
        let flags = SocketFlags::CLOEXEC;
        let (one, two) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, flags, None)?;
        Ok((Self(one), Self(two)))
    }

    /// The end that this process was started with, in the place of its standard input.
    pub(crate) fn inherited() -> io::Result<Self> {
        Ok(Self(std::io::stdin().as_fd().try_clone_to_owned()?))
    }

    pub(crate) fn adopt(fd: OwnedFd) -> Self {
        Self(fd)
    }

    pub(crate) fn into_fd(self) -> OwnedFd {
        self.0
    }

    pub(crate) fn set_nonblocking(&self, on: bool) -> io::Result<()> {
        Ok(rustix::io::ioctl_fionbio(&self.0, on)?)
    }

    /// Sends a message, with copies of these sockets.
    pub(crate) fn send<T: Serialize>(
        &self,
        message: &T,
        sockets: &[BorrowedFd<'_>],
    ) -> io::Result<()> {
        let bytes = serde_json::to_vec(message)?;
        let mut space = vec![MaybeUninit::uninit(); space()];
        let mut control = SendAncillaryBuffer::new(&mut space);
        if !sockets.is_empty() && !control.push(SendAncillaryMessage::ScmRights(sockets)) {
            return Err(io::Error::other(format!("{} sockets are too many", sockets.len())));
        }
        loop {
            let part = [IoSlice::new(&bytes)];
            match sendmsg(&self.0, &part, &mut control, SendFlags::NOSIGNAL) {
                Err(rustix::io::Errno::INTR) => {}
                sent => return sent.map(drop).map_err(Into::into),
            }
        }
    }

    /// Receives a message. `None`: the other end is gone.
    pub(crate) fn receive<T: DeserializeOwned>(&self) -> io::Result<Option<Received<T>>> {
        let mut bytes = vec![0; MAX_BYTES];
        let mut space = vec![MaybeUninit::uninit(); space()];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let read = loop {
            let part = &mut [IoSliceMut::new(&mut bytes)];
            match recvmsg(&self.0, part, &mut control, RecvFlags::CMSG_CLOEXEC) {
                Err(rustix::io::Errno::INTR) => {}
                // A killed process leaves a reset where it had not read everything.
                Err(rustix::io::Errno::CONNRESET) => return Ok(None),
                received => break received?.bytes,
            }
        };
        let mut sockets = Vec::new();
        for message in control.drain() {
            if let RecvAncillaryMessage::ScmRights(passed) = message {
                sockets.extend(passed);
            }
        }
        if read == 0 {
            return Ok(None);
        }
        let message = serde_json::from_slice(&bytes[..read])?;
        Ok(Some(Received { message, sockets }))
    }
}

impl AsFd for Link {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

fn space() -> usize {
    rustix::cmsg_space!(ScmRights(MAX_SOCKETS))
}

#[cfg(test)]
mod tests {
    use super::Link;
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::os::fd::AsFd;

    #[test]
    fn a_socket_that_passed_has_the_same_queue() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (one, two) = Link::pair().unwrap();
        one.send(&"listener", &[listener.as_fd()]).unwrap();
        drop(listener);
        let mut received = two.receive::<String>().unwrap().unwrap();
        assert_eq!(received.message, "listener");
        let listener = TcpListener::from(received.sockets.remove(0));
        client.write_all(b"x").unwrap();
        let mut byte = [0];
        listener.accept().unwrap().0.read_exact(&mut byte).unwrap();
        assert_eq!(&byte, b"x");
    }

    #[test]
    fn messages_stay_apart_and_the_end_is_seen() {
        let (one, two) = Link::pair().unwrap();
        one.send(&1, &[]).unwrap();
        one.send(&2, &[]).unwrap();
        drop(one);
        assert_eq!(two.receive::<u8>().unwrap().unwrap().message, 1);
        assert_eq!(two.receive::<u8>().unwrap().unwrap().message, 2);
        assert!(two.receive::<u8>().unwrap().is_none());
    }
}
