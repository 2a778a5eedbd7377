//! How many cases there were of each kind of fault, and how they ended.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

/// Names a folder. The tests leave their tallies there, and `cargo xtask faults` makes a table of them.
const FOLDER: &str = "BACKSTAY_TALLY";

/// How one case went.
#[derive(Debug, Clone, Default)]
pub struct Case {
    /// What is wrong, one line each.
    pub problems: Vec<String>,
    /// Whether it ended in the new release, and not in the old one.
    pub is_new: bool,
    /// Whether the run said at first that it is stuck, and how a person gets out.
    pub was_stuck: bool,
    /// From the fault to a stack that serves: on a real engine from the fault until all answered again; on the fake one
    /// virtual time, from the start of the recovery to its end, or later until everything served that had served before.
    pub took: Duration,
}

/// The cases of one kind of fault.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them.
    pub cases: usize,
    /// Those that ended in the old release.
    pub old: usize,
    /// Those that ended in the new one.
    pub new: usize,
    /// Those that were stuck at first, with a way out.
    pub stuck: usize,
    /// Those that ended in neither.
    pub lost: usize,
    /// The longest time from a fault to a stack that serves, in milliseconds.
    pub longest_ms: u128,
}

/// The cases of all kinds of faults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally(pub BTreeMap<String, Counts>);

impl Tally {
    /// Counts a case.
    pub fn count(&mut self, kind: &str, case: &Case) {
        let counts = self.0.entry(kind.to_owned()).or_default();
        counts.cases += 1;
        match (case.problems.is_empty(), case.is_new) {
            (false, _) => counts.lost += 1,
            (true, false) => counts.old += 1,
            (true, true) => counts.new += 1,
        }
        counts.stuck += usize::from(case.was_stuck);
        counts.longest_ms = counts.longest_ms.max(case.took.as_millis());
    }

    /// Adds those of another one.
    pub fn add(&mut self, other: &Self) {
        for (kind, more) in &other.0 {
            let counts = self.0.entry(kind.clone()).or_default();
            counts.cases += more.cases;
            counts.old += more.old;
            counts.new += more.new;
            counts.stuck += more.stuck;
            counts.lost += more.lost;
            counts.longest_ms = counts.longest_ms.max(more.longest_ms);
        }
    }

    /// Adds it, a line for each kind, to a file of this process in the folder that the environment names, if it does.
    ///
    /// # Panics
    /// When the file can't be written.
    pub fn leave(&self) {
        let Some(folder) = std::env::var_os(FOLDER) else { return };
        let path = Path::new(&folder).join(format!("{}.jsonl", std::process::id()));
        let mut text = String::new();
        for (kind, counts) in &self.0 {
            let Counts { cases, old, new, stuck, lost, longest_ms } = counts;
            text.push_str(&format!(
                "{{\"kind\":{kind:?},\"cases\":{cases},\"old\":{old},\"new\":{new},\
                 \"stuck\":{stuck},\"lost\":{lost},\"longest_ms\":{longest_ms}}}\n"
            ));
        }
        let file = OpenOptions::new().append(true).create(true).open(&path);
        let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
        assert!(written.is_ok(), "{}: {written:?}", path.display());
    }
}
