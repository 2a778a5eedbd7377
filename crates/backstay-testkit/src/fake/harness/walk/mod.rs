//! Random walks: operations, faults and what people do by hand, in any order, from a seed. After each step it has to be
//! true that the stack is one whole release, that nothing is left over, and that what was said is so.

mod check;
mod data;
mod dice;
mod drift;
mod gateway;
mod marks;
mod path;
mod rich;
mod shrink;
mod step;
mod stock;

pub use shrink::{Stumble, walk};
