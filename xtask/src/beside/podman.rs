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
# Its name server for containers wants one to ask; nobody is there.
[ -e "$root/etc/resolv.conf" ] || echo nameserver 127.0.0.1 > "$root/etc/resolv.conf"
[ -e "$root/etc/hosts" ] || echo 127.0.0.1 localhost > "$root/etc/hosts"
# Docker takes registries on the machine itself for safe ones; Podman has to be told.
mkdir -p "$root/etc/containers/registries.conf.d"
printf "[[registry]]\\nlocation = \"127.0.0.1\"\\ninsecure = true\\n" \
  > "$root/etc/containers/registries.conf.d/backstay.conf"
# What is unpacked is unpacked in a root that is remounted, so that it has to be a mount.
mount --bind "$root" "$root"
for part in proc sys dev tmp var/tmp; do mount --rbind "/$part" "$root/$part"; done
mount --types tmpfs tmpfs "$root/run"
# `chroot` would leave the root of the machine where it is, and commands in containers would begin there.
mkdir -p "$root/.machine"
cd "$root"
pivot_root . .machine
exec /usr/bin/podman --root "$home/data" --runroot "$home/exec" --runtime runc \
  --cgroup-manager cgroupfs --events-backend file system service --time 0 "unix://$home/sock"
' sh "$1" "$2"
"#;

pub(super) fn start(engine: &Unpacked, client_packages: &Unpacked) -> Result<Seat> {
    engine::may_start_another()?;
    let home = Home::new("podman")?;
    let mut variables = client(client_packages, &home)?;
    // It has no BuildKit; `docker build` would want to pull one.
    variables.push(("DOCKER_BUILDKIT", "0".into()));
    let words = [home.root().into(), engine.root().into()];
    Seat::start(home, SCRIPT, &words, variables)
}
