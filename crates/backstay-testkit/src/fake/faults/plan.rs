//! The plan of what goes wrong, and the record of what was called.

use std::collections::BTreeMap;

use super::decision::{Call, Ending, Extent, Why};
use super::{Fault, Kind, Point};
use crate::fake::machine::World;

/// Something that somebody else does to the machine.
pub(in crate::fake) type Event = Box<dyn FnOnce(&mut World) + Send>;

/// The plan of what goes wrong, and the record of what was called.
#[derive(Default)]
pub(in crate::fake) struct Faults {
    pub(in crate::fake) planned: Vec<Fault>,
    pub(in crate::fake) lasting: Vec<(String, Kind)>,
    pub(in crate::fake) points: Vec<Point>,
    pub(in crate::fake) reads: bool,
    /// What the user's wish to stop is told to.
    pub(in crate::fake) stop: Option<Box<dyn Fn() + Send>>,
    /// What somebody else does right after a call.
    pub(in crate::fake) events: BTreeMap<usize, Event>,
    full: bool,
    dead_disk: bool,
    gone: bool,
}

impl Faults {
    /// Counts a call and decides what becomes of it.
    pub(in crate::fake) fn strike(&mut self, name: &str, how: Call) -> (Extent, Ending) {
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
                self.without_a_fault(name, how)
            }
            Some(Kind::DiskDies) => {
                self.dead_disk = true;
                (Extent::Full, Ending::Error(Why::Injected))
            }
            Some(Kind::EngineGone) => {
                self.gone = true;
                self.without_a_fault(name, how)
            }
            Some(Kind::EngineCut) => (Extent::Full, Ending::Error(Why::Gone)),
            Some(Kind::Interrupt) => {
                if let Some(stop) = &self.stop {
                    stop();
                }
                self.without_a_fault(name, how)
            }
            None => self.without_a_fault(name, how),
        }
    }

    /// What becomes of a call that no fault is meant for.
    pub(in crate::fake) fn without_a_fault(&self, name: &str, how: Call) -> (Extent, Ending) {
        if self.gone && name.starts_with("engine.") {
            return (Extent::None, Ending::Error(Why::Gone));
        }
        if self.dead_disk && how != Call::Read && !name.starts_with("engine.") {
            return (Extent::None, Ending::Error(Why::Injected));
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
