//! Faults on a real engine. Each test takes a sample of its cases; with `BACKSTAY_FAULTS=all`, as `cargo xtask faults` sets
//! it, all of them, or every second or third one where many are alike.

mod clock;
mod crowd;
mod damaged;
mod disk;
mod down;
pub(crate) mod engine;
mod full;
mod ground;
mod killed;
mod proxy;
mod signals;
mod stuck;
mod wire;

use crate::harness::is_thorough;

/// Of `0..count` all, or `sample` evenly.
fn chosen(count: usize, sample: usize) -> Vec<usize> {
    if is_thorough() || count <= sample {
        return (0..count).collect();
    }
    (0..sample).map(|index| (index * count + count / 2) / sample).collect()
}

/// The same, where all would be more of the same: then one in `step`, from one that differs from `turn` to `turn`.
fn spread(count: usize, step: usize, turn: usize, sample: usize) -> Vec<usize> {
    if !is_thorough() {
        return chosen(count, sample);
    }
    (turn % step..count).step_by(step).collect()
}
