//! Standard input to the control socket and its answers to standard output, so that the engine's `exec` is a way to the gateway
//! where no other container and no network has one.

use crate::state::Folder;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;

/// Runs until the gateway has answered everything.
pub(super) fn run(folder: &Folder) -> io::Result<()> {
    let mut read = connect(folder)?;
    let mut write = read.try_clone()?;
    // It ends with the process: what waits for standard input can't be told to stop.
    std::thread::spawn(move || {
        let _ = carry(&mut io::stdin().lock(), &mut write);
        let _ = write.shutdown(Shutdown::Write);
    });
    carry(&mut read, &mut io::stdout().lock())
}

/// The control socket.
pub(super) fn connect(folder: &Folder) -> io::Result<UnixStream> {
    let path = folder.control();
    UnixStream::connect(&path).map_err(|error| {
        let message = format!("no gateway answers on `{}`: {error}", path.display());
        io::Error::new(error.kind(), message)
    })
}

fn carry(from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => {
                to.write_all(&buffer[..read])?;
                to.flush()?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}
