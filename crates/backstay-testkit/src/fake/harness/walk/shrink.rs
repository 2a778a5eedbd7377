//! Walking, and making a walk that stumbled as short as it goes.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::path::Walk;
use super::step::{Step, Trouble, steps};
use crate::tally::Tally;

/// A walk that did not end as it should.
#[derive(Debug)]
pub struct Stumble {
    seed: u64,
    kept: Vec<usize>,
    steps: Vec<String>,
    problems: Vec<String>,
}

impl fmt::Display for Stumble {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "walk {} stumbles:", self.seed)?;
        for step in &self.steps {
            writeln!(out, "  {step}")?;
        }
        for problem in &self.problems {
            writeln!(out, "    {problem}")?;
        }
        let kept: Vec<String> = self.kept.iter().map(ToString::to_string).collect();
        write!(out, "  again: BACKSTAY_SEED={} BACKSTAY_WALKS=1 ", self.seed)?;
        writeln!(out, "BACKSTAY_STEPS={} cargo test --test random_walk", kept.join(","))
    }
}

/// Walks from a seed; with `only`, just these of its steps.
///
/// # Errors
/// The shortest walk that still stumbles.
pub fn walk(seed: u64, only: Option<&[usize]>, tally: &mut Tally) -> Result<(), Box<Stumble>> {
    let all = steps(seed);
    let mut kept: Vec<usize> = only.map_or_else(|| (0..all.len()).collect(), <[usize]>::to_vec);
    kept.retain(|at| *at < all.len());
    let Some((mut last, mut problems)) = take(&all, &kept, tally) else { return Ok(()) };
    kept.truncate(last + 1);
    let mut at = 0;
    while at < kept.len() {
        let mut fewer = kept.clone();
        fewer.remove(at);
        if let Some((end, still)) = take(&all, &fewer, &mut Tally::default()) {
            (kept, last, problems) = (fewer, end, still);
            kept.truncate(last + 1);
            at = 0;
        } else {
            at += 1;
        }
    }
    // What went wrong in an operation may have had no part in it.
    let mut plain = all.clone();
    for at in &kept {
        let before = plain[*at];
        if let Step::Run { what, .. } = before {
            plain[*at] = Step::Run { what, trouble: Trouble::None };
            match take(&plain, &kept, &mut Tally::default()) {
                Some((end, still)) if end + 1 == kept.len() => problems = still,
                _ => plain[*at] = before,
            }
        }
    }
    let steps = kept.iter().map(|at| {
        let needless = if plain[*at] == all[*at] { "" } else { ", also without the fault" };
        format!("{at}: {:?}{needless}", all[*at])
    });
    let steps = steps.collect();
    Err(Box::new(Stumble { seed, kept, steps, problems }))
}

/// Takes these steps. The place of the step after which something is wrong, and what.
fn take(all: &[Step], kept: &[usize], tally: &mut Tally) -> Option<(usize, Vec<String>)> {
    let mut walk = Walk::new();
    for (place, at) in kept.iter().enumerate() {
        let step = all[*at];
        let problems = catch_unwind(AssertUnwindSafe(|| walk.take(step)))
            .unwrap_or_else(|payload| vec![format!("it panics: {}", said(&*payload))]);
        if !problems.is_empty() {
            tally.add(&walk.tally);
            return Some((place, problems));
        }
    }
    tally.add(&walk.tally);
    None
}

fn said(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().cloned();
    text.or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_default()
}
