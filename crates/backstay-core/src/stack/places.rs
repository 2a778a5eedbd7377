//! Places of the system: what lies there is the machine's or the kernel's, and no stack's.

use std::path::Path;

/// The kernel's: what is there comes and goes with it, and is no file.
const KERNEL: [&str; 3] = ["/dev", "/proc", "/sys"];

/// What programs put there lives as long as they do, sockets above all.
const RUNTIME: [&str; 2] = ["/run", "/var/run"];

/// The machine's programs and settings, and what it writes itself.
const OWN: [&str; 10] = [
    "/bin",
    "/boot",
    "/etc",
    "/lib",
    "/lib64",
    "/sbin",
    "/usr",
    "/var/lib/docker",
    "/var/log",
    "/var/spool",
];

/// Folders below those where people keep stacks all the same.
const STACKS: [&str; 2] = ["/etc/docker/compose", "/usr/local"];

/// What is mounted, besides what is the kernel's, to be read or talked to. Two containers of a service may have it at once;
/// in other places of the machine, as `/run`, they may meet.
const READ: [&str; 5] =
    ["/etc", "/lib/modules", "/run/docker.sock", "/usr/share/zoneinfo", "/var/run/docker.sock"];

/// Whether a path belongs to the machine, and not to any stack: it changes with the machine.
pub(crate) fn is_machines(path: &Path) -> bool {
    let own = is_below(path, &KERNEL) || is_below(path, &RUNTIME) || is_below(path, &OWN);
    path.parent().is_none() || own && !is_below(path, &STACKS)
}

/// Whether a path, of the machine or in a container, holds no data of a service.
pub(crate) fn holds_no_data(path: &Path) -> bool {
    is_below(path, &KERNEL) || is_below(path, &READ)
}

/// Whether it says nothing that a path is missing: somebody makes it when it is needed.
pub(crate) fn comes_and_goes(path: &Path) -> bool {
    is_below(path, &KERNEL) || is_below(path, &RUNTIME)
}

fn is_below(path: &Path, roots: &[&str]) -> bool {
    roots.iter().any(|root| path.starts_with(root))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_of_the_system_is_known_by_its_whole_name() {
        let all = |path: &str| {
            let path = Path::new(path);
            (is_machines(path), holds_no_data(path), comes_and_goes(path))
        };
        assert_eq!(all("/proc/1"), (true, true, true));
        assert_eq!(all("/run/app"), (true, false, true));
        assert_eq!(all("/var/run/docker.sock"), (true, true, true));
        assert_eq!(all("/etc/ssl"), (true, true, false));
        assert_eq!(all("/etc/docker/compose/shop"), (false, true, false));
        assert_eq!(all("/usr/local/shop"), (false, false, false));
        assert_eq!(all("/"), (true, false, false));
        assert_eq!(all("/development/shop"), (false, false, false));
    }
}
