//! Errors of the engine, sorted by what they call for.

use std::io;

use backstay_core::engine::{EngineError, EngineErrorKind};

/// What is said to have been asked for where the way to the engine itself fails; its address follows.
const CONNECTING: &str = "connecting to the engine at ";

/// What is asked for first of the engine at this address.
pub(crate) fn connecting(host: &str) -> String {
    format!("{CONNECTING}{host}")
}

/// The address of an engine that could not be reached; `None` where the error is about something else.
#[must_use]
pub fn engine_address(error: &EngineError) -> Option<&str> {
    error.action.strip_prefix(CONNECTING)
}

/// An error of the system.
pub(crate) fn from_io(action: impl Into<String>, error: &io::Error) -> EngineError {
    let kind = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => EngineErrorKind::DiskFull,
        _ => EngineErrorKind::Other,
    };
    EngineError::new(kind, action, error.to_string())
}

/// An error on the way to the engine: it is not there, or not for this user.
pub(crate) fn from_connect(host: &str, error: &io::Error) -> EngineError {
    let (kind, message) = match error.kind() {
        io::ErrorKind::PermissionDenied => (EngineErrorKind::NoPermission, error.to_string()),
        io::ErrorKind::NotFound => {
            (EngineErrorKind::NotRunning, "there is no engine at this address".to_owned())
        }
        _ => (EngineErrorKind::NotRunning, error.to_string()),
    };
    EngineError::new(kind, connecting(host), message)
}

/// An answer of the engine that is not a success.
pub(crate) fn from_status(action: impl Into<String>, status: u16, message: &str) -> EngineError {
    let kind = kind_of(message).unwrap_or(match status {
        404 => EngineErrorKind::NotFound,
        409 => EngineErrorKind::Conflict,
        403 if message.contains("active endpoints") => EngineErrorKind::Conflict,
        _ => EngineErrorKind::Other,
    });
    EngineError::new(kind, action, message.trim())
}

/// Kinds that only the words of an error tell.
pub(crate) fn kind_of(message: &str) -> Option<EngineErrorKind> {
    let lower = message.to_lowercase();
    let in_use = lower.contains("address already in use")
        && ["port", "bind", "listen"].iter().any(|word| lower.contains(word));
    if lower.contains("port is already allocated")
        || in_use
        || lower.contains("ports are not available")
        || lower.contains("only one usage of each socket address")
    {
        Some(EngineErrorKind::PortTaken)
    } else if lower.contains("no space left on device") || lower.contains("disk quota exceeded") {
        Some(EngineErrorKind::DiskFull)
    } else if lower.contains("no such image") || lower.contains("image not known") {
        Some(EngineErrorKind::NotFound)
    } else if lower.contains("the container name \"") && lower.contains("is already in use") {
        // Podman answers with 500.
        Some(EngineErrorKind::Conflict)
    } else if lower.contains("cannot connect to the docker daemon")
        || lower.contains("is the docker daemon running")
    {
        Some(EngineErrorKind::NotRunning)
    } else {
        None
    }
}

/// An error with its causes: hyper's own words alone say nothing.
pub(crate) fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in std::iter::successors(Some(error), |error| error.source()) {
        let text = part.to_string();
        if !parts.iter().any(|known| known.contains(&text)) {
            parts.push(text);
        }
    }
    parts.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_tell_a_taken_port_from_a_taken_address() {
        let port = "driver failed programming external connectivity on endpoint web: Bind for \
                    0.0.0.0:8080 failed: port is already allocated";
        assert_eq!(kind_of(port), Some(EngineErrorKind::PortTaken));
        let listen = "failed to bind host port for 0.0.0.0:80: address already in use";
        assert_eq!(kind_of(listen), Some(EngineErrorKind::PortTaken));
        assert_eq!(kind_of("Address already in use"), None);
        assert_eq!(kind_of("write /x: no space left on device"), Some(EngineErrorKind::DiskFull));
    }

    #[test]
    fn status_codes_are_kinds_where_words_are_not() {
        assert_eq!(from_status("x", 404, "nope").kind, EngineErrorKind::NotFound);
        assert_eq!(from_status("x", 409, "name in use").kind, EngineErrorKind::Conflict);
        assert_eq!(from_status("x", 500, "boom").kind, EngineErrorKind::Other);
    }

    #[test]
    fn a_missing_socket_and_a_closed_one_differ_from_a_forbidden_one() {
        let kind = |kind: io::ErrorKind| from_connect("unix:///x", &kind.into()).kind;
        assert_eq!(kind(io::ErrorKind::NotFound), EngineErrorKind::NotRunning);
        assert_eq!(kind(io::ErrorKind::ConnectionRefused), EngineErrorKind::NotRunning);
        assert_eq!(kind(io::ErrorKind::PermissionDenied), EngineErrorKind::NoPermission);
    }

    #[test]
    fn an_address_that_was_tried_is_found_again() {
        let error = from_connect("ssh://me@host", &io::ErrorKind::NotFound.into());
        assert_eq!(engine_address(&error), Some("ssh://me@host"));
        assert_eq!(engine_address(&from_status("starting container x", 500, "no")), None);
    }
}
