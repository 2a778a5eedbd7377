//! What goes wrong, and where.

use std::collections::BTreeMap;

use super::machine::World;

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
    /// From here on the engine does not answer.
    EngineGone,
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
    pub const LASTING: [Self; 3] = [Self::DiskFull, Self::EngineGone, Self::Interrupt];

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

/// How far a call gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
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
    pub(super) const fn is_half(self) -> bool {
        matches!(self, Self::Half | Self::Cut)
    }
}

/// What kind of call it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    /// It changes nothing.
    Read,
    /// It changes something at one moment.
    Atomic,
    /// It changes several things, and can be cut between them.
    Divisible,
}

/// Something that somebody else does to the machine.
pub(super) type Event = Box<dyn FnOnce(&mut World) + Send>;

/// Why a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// For no reason of its own.
    Injected,
    /// The disk is full.
    Full,
    /// The engine is gone.
    Gone,
}

/// How a call ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// It returns what it found.
    Return,
    /// It returns an error.
    Error(Why),
    /// It never returns.
    Crash,
}

/// The plan of what goes wrong, and the record of what was called.
#[derive(Default)]
pub(super) struct Faults {
    pub(super) planned: Vec<Fault>,
    pub(super) lasting: Vec<(String, Kind)>,
    pub(super) points: Vec<Point>,
    pub(super) reads: bool,
    /// What the user's wish to stop is told to.
    pub(super) stop: Option<Box<dyn Fn() + Send>>,
    /// What somebody else does right after a call.
    pub(super) events: BTreeMap<usize, Event>,
    full: bool,
    gone: bool,
}

impl Faults {
    /// Counts a call and decides what becomes of it.
    pub(super) fn strike(&mut self, name: &str, how: Call) -> (Extent, Ending) {
        let number = self.points.len();
        self.points.push(Point {
            name: name.to_owned(),
            divisible: how == Call::Divisible,
            reads: how == Call::Read,
        });
        let lasting = self.lasting.iter().find(|(prefix, _)| name.starts_with(prefix.as_str()));
        let planned = self.planned.iter().find(|fault| fault.at == number);
        let kind = planned.map(|fault| fault.kind).or_else(|| lasting.map(|(_, kind)| *kind));
        match kind {
            Some(Kind::ErrorBefore) => (Extent::None, Ending::Error(Why::Injected)),
            Some(Kind::ErrorAfter) => (Extent::Full, Ending::Error(Why::Injected)),
            Some(Kind::ErrorMidway) => (Extent::Half, Ending::Error(Why::Injected)),
            Some(Kind::CrashBefore) => (Extent::None, Ending::Crash),
            Some(Kind::CrashAfter) => (Extent::Full, Ending::Crash),
            Some(Kind::CrashMidway) => (Extent::Cut, Ending::Crash),
            Some(Kind::DiskFull) => {
                self.full = true;
                self.without_a_fault(name)
            }
            Some(Kind::EngineGone) => {
                self.gone = true;
                self.without_a_fault(name)
            }
            Some(Kind::Interrupt) => {
                if let Some(stop) = &self.stop {
                    stop();
                }
                self.without_a_fault(name)
            }
            None => self.without_a_fault(name),
        }
    }

    /// What becomes of a call that no fault is meant for.
    pub(super) fn without_a_fault(&self, name: &str) -> (Extent, Ending) {
        if self.gone && name.starts_with("engine.") {
            return (Extent::None, Ending::Error(Why::Gone));
        }
        let takes_in = ["write", "append", "stage", "create_dir"];
        let grows = |name: &str| {
            let call = name.strip_prefix("store.").and_then(|name| name.split(' ').next());
            call.is_some_and(|call| takes_in.contains(&call))
        };
        if self.full && grows(name) {
            return (Extent::Half, Ending::Error(Why::Full));
        }
        (Extent::Full, Ending::Return)
    }
}

impl std::fmt::Debug for Faults {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Faults").field("planned", &self.planned).finish_non_exhaustive()
    }
}
