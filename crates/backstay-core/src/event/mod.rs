//! What happens, as data. The journal, the terminal, `--json` and whoever else looks on read this one stream.
//!
//! [`Event::is_journaled`] tells which events are the run's record; the others only say how it is going.

mod failure;
mod note;
mod outcome;
mod progress;
mod record;
mod unwell;

pub use failure::{Cause, DataAction, DataTrouble, Failure, HookTrouble};
pub use note::Note;
pub use outcome::Outcome;
pub use progress::{Activity, OutputSource, Phase};
pub use record::{Event, RunKind};

pub use unwell::Unwell;
