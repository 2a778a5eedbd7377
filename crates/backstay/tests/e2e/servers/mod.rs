//! Real database servers whose data goes with releases: PostgreSQL, MariaDB, Valkey, and SQLite behind a small program.
//!
//! `BACKSTAY_SERVERS` names a folder that Debian's packages were unpacked into, with all that they need, as `cargo xtask test` does.

mod alone;
mod broken;
mod by_hand;
mod client;
mod encrypted;
mod far;
mod image;
mod killed;
#[cfg(target_os = "linux")]
mod large;
mod migrations;
mod planted;
mod presets;
#[cfg(target_os = "linux")]
mod reflink;
mod shop;
mod verified;
