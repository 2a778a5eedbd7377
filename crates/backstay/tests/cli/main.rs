//! The program as its users meet it: a file for each verb, and one for each kind of screen.

#![allow(clippy::unwrap_used, clippy::print_stderr)] // a test that fails may panic, its helpers too

mod arguments;
mod backups;
mod cert;
mod data;
#[cfg(unix)]
mod data_hints;
mod deploy;
#[cfg(unix)]
mod doctor;
mod guard;
mod harness;
mod help;
#[cfg(unix)]
mod hostile;
mod init;
#[cfg(unix)]
mod machine;
mod recover;
#[cfg(unix)]
mod report;
mod rollback;
mod screen_deploy;
mod screen_failure;
mod screen_hooks;
mod screen_large;
mod screen_progress;
mod screen_rollback;
mod screen_update;
mod status;
mod update;
mod version;
#[cfg(target_os = "linux")]
mod wine;
mod wrappers;
