//! The fault matrix: every call of an operation, every kind of fault, and again while recovering.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // helpers of tests are tests too

#[path = "matrix"]
mod matrix {
    mod data;
    mod data_alone;
    mod deploys;
    mod down;
    mod durable;
    mod failures;
    mod folders;
    mod forgotten;
    mod gaps;
    mod gates;
    mod gateway;
    mod hooks;
    mod images;
    mod inside;
    mod journal;
    mod late;
    mod marked_data;
    mod meddling;
    mod oddities;
    mod power;
    mod projects;
    mod promises;
    mod rollbacks;
    mod stacks;
    mod storing;
    mod surroundings;
    mod updates;
}
