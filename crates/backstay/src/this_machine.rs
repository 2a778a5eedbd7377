//! What the environment of this process says: its variables, the user's home folder, the machine's name.

use std::path::PathBuf;

use backstay_core::stack::Caller;

/// The variables that are text.
pub(crate) fn caller() -> Caller {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    Caller::new(std::env::vars_os().filter_map(text))
}

/// The user's home folder, as Compose finds it.
pub(crate) fn home() -> Option<PathBuf> {
    std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE")).map(PathBuf::from)
}

/// The name of this machine.
pub(crate) fn host_name() -> String {
    #[cfg(unix)]
    {
        rustix::system::uname().nodename().to_string_lossy().into_owned()
    }
    #[cfg(not(unix))]
    {
        std::env::var("COMPUTERNAME").unwrap_or_else(|_| "?".to_owned())
    }
}
