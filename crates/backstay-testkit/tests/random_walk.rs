//! Random walks: operations, faults and what people do by hand, in any order.
//!
//! `BACKSTAY_WALKS` says how many, `BACKSTAY_SEED` where they begin: walk after walk has the next seed. A walk that fails
//! prints how it is taken again, with the fewest steps that still fail.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // helpers of tests are tests too

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use backstay_testkit::fake::harness::{Stumble, walk};
use backstay_testkit::tally::Tally;

/// Walks in an ordinary run of the tests.
const SAMPLE: u64 = 300;

fn number(name: &str, otherwise: u64) -> u64 {
    let text = std::env::var(name);
    text.map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text}")))
}

/// Thousands of walks take all cores for minutes: the tests beside them, which measure times on an engine, come first.
fn step_back() {
    #[cfg(unix)]
    let _ = rustix::process::nice(19);
}

#[test]
fn wherever_it_goes_the_stack_is_one_whole_release() {
    let (seed, walks) = (number("BACKSTAY_SEED", 1), number("BACKSTAY_WALKS", SAMPLE));
    let only: Option<Vec<usize>> = std::env::var("BACKSTAY_STEPS")
        .ok()
        .map(|text| text.split(',').map(|word| word.parse().unwrap()).collect());
    println!("{walks} walks from seed {seed}");
    let next = AtomicU64::new(0);
    let found: Mutex<(Vec<Box<Stumble>>, Tally)> = Mutex::default();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                step_back();
                let mut tally = Tally::default();
                let mut stumbles = Vec::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= walks || stumbles.len() > 4 {
                        break;
                    }
                    let taken = walk(seed.wrapping_add(number), only.as_deref(), &mut tally);
                    stumbles.extend(taken.err());
                }
                let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                found.0.extend(stumbles);
                found.1.add(&tally);
            });
        }
    });
    let (stumbles, tally) = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    tally.leave();
    println!("{tally:?}");
    let texts: Vec<String> = stumbles.iter().map(ToString::to_string).collect();
    assert!(texts.is_empty(), "{}", texts.join("\n"));
}
