//! What the engine says of a disk that fails it.

use backstay_core::engine::{EngineError, EngineErrorKind};

pub(super) fn io_error(action: &str, error: &std::io::Error) -> EngineError {
    let kind = match error.kind() {
        std::io::ErrorKind::NotFound => EngineErrorKind::NotFound,
        std::io::ErrorKind::StorageFull => EngineErrorKind::DiskFull,
        _ => EngineErrorKind::Other,
    };
    EngineError::new(kind, action, error.to_string())
}
