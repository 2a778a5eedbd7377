//! The engine adapter against a real engine. Runs only with `BACKSTAY_E2E=1` and `BACKSTAY_DEMO_SERVER=<static binary>`.

#![allow(clippy::unwrap_used, clippy::print_stderr)] // helpers of tests are tests too

#[path = "engine/create.rs"]
mod create;
#[path = "engine/guard.rs"]
mod guard;
#[path = "engine/images.rs"]
mod images;
#[path = "engine/live.rs"]
mod live;
#[path = "engine/probe.rs"]
mod probe;
#[path = "engine/recorded.rs"]
mod recorded;
#[path = "engine/stack.rs"]
mod stack;
#[path = "engine/world.rs"]
mod world;
