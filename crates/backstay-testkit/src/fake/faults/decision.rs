//! What becomes of a call.

/// How far a call gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::fake) enum Extent {
    /// Nowhere.
    None,
    /// Half-way, and the process goes on with an error.
    Half,
    /// Half-way, and the process dies.
    Cut,
    /// To its end.
    Full,
}

impl Extent {
    /// Whether it stops half-way.
    pub(in crate::fake) const fn is_half(self) -> bool {
        matches!(self, Self::Half | Self::Cut)
    }
}

/// What kind of call it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::fake) enum Call {
    /// It changes nothing.
    Read,
    /// It changes something at one moment.
    Atomic,
    /// It changes several things, and can be cut between them.
    Divisible,
}

/// Why a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::fake) enum Why {
    /// For no reason of its own.
    Injected,
    /// The disk is full.
    Full,
    /// The engine is gone.
    Gone,
}

/// How a call ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::fake) enum Ending {
    /// It returns what it found.
    Return,
    /// It returns an error.
    Error(Why),
    /// It never returns.
    Crash,
}
