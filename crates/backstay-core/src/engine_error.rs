//! What an engine says when it can't.

use std::fmt;

/// Shorthand for results of an engine.
pub type EngineResult<T> = std::result::Result<T, EngineError>;

/// An error of the engine or of Compose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineError {
    /// Which kind it is.
    pub kind: EngineErrorKind,
    /// What was asked for, on what: `starting container web-1`.
    pub action: String,
    /// The engine's own words.
    pub message: String,
    /// With [`EngineErrorKind::LostCount`]: the folders on this machine that keep it from going on, where a new start of the engine
    /// does not take them away.
    pub remains: Vec<String>,
}

/// Kinds of engine errors that call for different answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineErrorKind {
    /// There is no `docker` program.
    NotInstalled,
    /// The engine does not answer.
    NotRunning,
    /// The engine answers, but not to this user.
    NoPermission,
    /// The engine is older than Backstay needs.
    EngineTooOld,
    /// `docker compose` is not installed.
    ComposeMissing,
    /// `docker compose` is older than Backstay needs.
    ComposeTooOld,
    /// Compose rejects the stack's files: YAML, schema, a missing variable.
    InvalidStack,
    /// A file that the stack names is not there.
    FileMissing,
    /// What was asked for does not exist.
    NotFound,
    /// It clashes with something that exists: a name, a state.
    Conflict,
    /// A host port is taken.
    PortTaken,
    /// The engine was killed while it started a container, and still keeps a host port or a place for it that nothing has. It
    /// helps to start the engine anew, or to take away what [`EngineError::remains`] names.
    LostCount,
    /// A build failed.
    Build,
    /// A pull failed.
    Pull,
    /// A hook of a service failed. The first line of the message says which and how, the others are its last words.
    Hook,
    /// The gateway's own program is not in its place, or can't run on this engine. The message says where was looked, a line each.
    GatewayProgram,
    /// No space is left.
    DiskFull,
    /// Anything else.
    Other,
}

impl EngineError {
    /// Makes an error.
    pub fn new(
        kind: EngineErrorKind,
        action: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self { kind, action: action.into(), message: message.into(), remains: Vec::new() }
    }

    /// Whether what was asked for does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.kind == EngineErrorKind::NotFound
    }
}

impl fmt::Display for EngineError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.action, self.message)
    }
}

impl std::error::Error for EngineError {}
