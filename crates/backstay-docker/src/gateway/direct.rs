//! The control socket in the gateway's volume, where the engine's volumes are files of this machine that one may look into.

use std::fs::File;
use std::os::fd::AsRawFd;

use tokio::net::UnixStream;

use super::image::STATE;
use crate::connection::Connection;
use crate::containers::{inspect_one, mounted_at};

/// The control socket, in its state.
const SOCKET: &str = "control.sock";

/// Connects to it. `None` where that is no way: an engine elsewhere, another user's volumes, a gateway that is about to begin.
pub(super) async fn connect(engine: &Connection, id: &str) -> Option<UnixStream> {
    let found = inspect_one(engine, id).await.ok()??;
    let place = mounted_at(&found, STATE)?;
    // The kernel lets in whom the file system does. A socket's path may have 107 bytes, and a volume's alone can have more.
    let folder = File::open(place).ok()?;
    UnixStream::connect(format!("/proc/self/fd/{}/{SOCKET}", folder.as_raw_fd())).await.ok()
}
