//! Exit codes. `docs/exit-codes.md` lists them; they do not change.

use std::process::ExitCode;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All done.
    Done = 0,
    /// Something that was not foreseen.
    Unexpected = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The stack is not valid: YAML, a missing variable or file, no compose file.
    Stack = 3,
    /// The engine or Compose is missing, stopped, too old or not permitted.
    Engine = 4,
    /// Another run holds the lock.
    Locked = 5,
    /// The machine is not ready: a port taken, a disk full or read-only.
    Machine = 6,
    /// A release that is not there, damaged, or can't be restored.
    Release = 7,
    /// Stopped, or answered with no, before anything had changed.
    Declined = 8,
    /// A certificate that has ended, soon will, or does not do.
    Certificate = 9,
    /// The run failed and was undone: the old release runs.
    RolledBack = 10,
    /// The run was interrupted and undone: the old release runs.
    Interrupted = 11,
    /// Something could not be undone: a person is needed.
    Stuck = 12,
}

impl Exit {
    /// The code for the system.
    pub(crate) fn code(self) -> ExitCode {
        ExitCode::from(self as u8)
    }

    /// The name in `--json`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Unexpected => "unexpected",
            Self::Usage => "usage",
            Self::Stack => "stack",
            Self::Engine => "engine",
            Self::Locked => "locked",
            Self::Machine => "machine",
            Self::Release => "release",
            Self::Declined => "declined",
            Self::Certificate => "certificate",
            Self::RolledBack => "rolled-back",
            Self::Interrupted => "interrupted",
            Self::Stuck => "stuck",
        }
    }
}
