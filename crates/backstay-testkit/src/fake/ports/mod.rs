//! What a process reaches its machine by: the ports of an operation, one a file.

mod checks;
mod clock;
mod commands;
mod context;
mod data;
mod disk_error;
mod engine;
mod files;
mod gateways;
mod hand;
mod locks;
mod networks;
mod store;

pub use clock::FakeClock;
pub use commands::FakeHost;
pub use engine::FakeEngine;
pub use files::PlatterFiles;
pub use locks::FakeLocks;
pub use store::MemStore;
