//! Registries: whether those of the stack's images answer, and how fast.

mod check;
mod wanted;

pub(crate) use check::Unreachable;
pub(super) use check::check;
