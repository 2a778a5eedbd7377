//! Where the state is: what is asked for, else one place for the whole machine, else the user's own.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use backstay_core::state::State;
use backstay_core::store::share_state;
use etcetera::base_strategy::{BaseStrategy, choose_native_strategy};

/// The place for the whole machine.
#[cfg(target_os = "linux")]
const OF_THE_MACHINE: &str = "/var/lib/backstay";

/// The one that was found, for what is said about a path in it.
static FOUND: OnceLock<PathBuf> = OnceLock::new();

/// Finds it. Nothing is made yet.
pub(crate) fn find(asked: Option<&Path>) -> State {
    let (root, group) = place(asked);
    share_state(&root, group);
    let _ = FOUND.set(root.clone());
    State::new(root)
}

/// The state that a path is in; `None` where it is in none, or no state was found yet.
pub(crate) fn around(path: &Path) -> Option<&'static Path> {
    FOUND.get().map(PathBuf::as_path).filter(|root| path.starts_with(root))
}

/// Where it is, and the group that it will be made for.
fn place(asked: Option<&Path>) -> (PathBuf, Option<u32>) {
    if let Some(root) = asked.filter(|root| !root.as_os_str().is_empty()) {
        return (std::path::absolute(root).unwrap_or_else(|_| root.to_owned()), None);
    }
    #[cfg(target_os = "linux")]
    {
        let root = Path::new(OF_THE_MACHINE);
        if is_usable(root) {
            return (root.to_owned(), backstay_docker::socket_group());
        }
    }
    (own(), None)
}

/// Whether it is there and can be written, or can be made.
#[cfg(target_os = "linux")]
fn is_usable(root: &Path) -> bool {
    use rustix::fs::{Access, access};
    let rights = Access::WRITE_OK | Access::EXEC_OK;
    match std::fs::metadata(root) {
        Ok(found) => found.is_dir() && access(root, rights).is_ok(),
        // Who may write the folder above it, as root does.
        Err(_) => root.parent().is_some_and(|above| access(above, rights).is_ok()),
    }
}

/// The user's folder for state, as the platform has it.
fn own() -> PathBuf {
    let Ok(places) = choose_native_strategy() else {
        return std::env::temp_dir().join("backstay");
    };
    // What is in the roaming folder on Windows would go to other machines, which have other engines.
    let data = if cfg!(windows) { places.cache_dir() } else { places.data_dir() };
    places.state_dir().unwrap_or(data).join("backstay")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_made_absolute_and_the_own_place_is_below_home() {
        let asked = find(Some(Path::new("here")));
        assert_eq!(asked.root(), std::env::current_dir().unwrap().join("here"));
        assert!(own().is_absolute() && own().ends_with("backstay"));
    }
}
