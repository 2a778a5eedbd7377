//! Starting Podman's socket, in a root of its own: it needs a later libc than the machine may have.

use super::dockerd::client;
use super::home::Home;
use super::packages::Unpacked;
use super::seat::Seat;
use crate::engine;
use crate::failure::Result;

/// Its own root has the machine's devices and folders for temporary files, so that it finds what tests mount from there.
const SCRIPT: &str = r#"
exec unshare --mount --propagation private sh -euc '
home=$1 root=$2
for part in proc sys dev tmp var/tmp run root var/lib/containers; do mkdir -p "$root/$part"; done
grep -qs ^root "$root/etc/passwd" || echo root:x:0:0:root:/root:/bin/sh > "$root/etc/passwd"
grep -qs ^root "$root/etc/group" || echo root:x:0: > "$root/etc/group"
for part in proc sys dev tmp var/tmp; do mount --rbind "/$part" "$root/$part"; done
mount --types tmpfs tmpfs "$root/run"
exec chroot "$root" /usr/bin/podman --root "$home/data" --runroot "$home/exec" --runtime runc \
  --cgroup-manager cgroupfs --events-backend file system service --time 0 "unix://$home/sock"
' sh "$1" "$2"
"#;

pub(super) fn start(engine: &Unpacked, client_packages: &Unpacked) -> Result<Seat> {
    engine::may_start_another()?;
    let home = Home::new("podman")?;
    let variables = client(client_packages, &home)?;
    let words = [home.root().into(), engine.root().into()];
    Seat::start(home, SCRIPT, &words, variables)
}
