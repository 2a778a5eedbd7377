//! What goes wrong, and where.

mod decision;
mod plan;

pub(super) use decision::{Call, Ending, Extent, Why};
pub(super) use plan::Faults;

/// Goes wrong once, at the call with this number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The number of the point, from 0, counted over engine and store.
    pub at: usize,
    /// What happens there.
    pub kind: Kind,
}

/// Ways to go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The call fails and has no effect.
    ErrorBefore,
    /// The call fails though it had its effect.
    ErrorAfter,
    /// The call fails half-way: half of the bytes, half of the containers.
    ErrorMidway,
    /// The process dies before the effect.
    CrashBefore,
    /// The process dies after the effect.
    CrashAfter,
    /// The process dies half-way. For the store's `append` this is the torn write.
    CrashMidway,
    /// From here on the disk takes nothing more in.
    DiskFull,
    /// The call has its effect and fails, and from here on nothing can be changed on the disk any more: what a file system
    /// does that finds an error and goes read-only.
    DiskDies,
    /// From here on the engine does not answer.
    EngineGone,
    /// The call has its effect, and the engine is gone before it answers; it is back for the next one.
    EngineCut,
    /// The user asks to stop; the call itself succeeds.
    Interrupt,
}

impl Kind {
    /// Those that end or fail one call.
    pub const SINGLE: [Self; 6] = [
        Self::ErrorBefore,
        Self::ErrorAfter,
        Self::ErrorMidway,
        Self::CrashBefore,
        Self::CrashAfter,
        Self::CrashMidway,
    ];

    /// Those that change what comes after, too.
    pub const LASTING: [Self; 4] =
        [Self::DiskFull, Self::DiskDies, Self::EngineGone, Self::Interrupt];

    /// Those that end the process.
    pub const CRASHES: [Self; 3] = [Self::CrashBefore, Self::CrashAfter, Self::CrashMidway];

    /// Whether the process ends.
    #[must_use]
    pub const fn is_crash(self) -> bool {
        matches!(self, Self::CrashBefore | Self::CrashAfter | Self::CrashMidway)
    }
}

/// A call that a process made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// `engine.start shop-web-1`, `store.append .backup/journal/….jsonl`.
    pub name: String,
    /// Whether stopping half-way differs from stopping before and after.
    pub divisible: bool,
    /// Whether it changes nothing.
    pub reads: bool,
}
