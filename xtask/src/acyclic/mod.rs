//! No circles: the modules of a crate depend on each other in one direction, at the top and in every folder of modules. A
//! module that borrows a name of its folder's `mod.rs`, or of `lib.rs`, depends on whichever module that name comes from.

mod check;
mod circle;
mod code;
mod modules;
mod paths;

pub(crate) use check::check;
