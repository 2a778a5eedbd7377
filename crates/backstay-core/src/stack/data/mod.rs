//! `x-backstay.data`: which data of a stack goes with its releases, and how it is saved and brought back.

mod preset;
mod rules;

pub use preset::{PRESETS, Preset};
pub use rules::{Consistency, Copy, DataSet, Dump, Encrypt, Way};
