//! Secrets: which values of a stack are some, and taking them out of text before anybody reads or records it.

mod collect;
mod env_file;
mod forms;
mod judge;
mod known;
mod redactor;
mod scrub;

pub use collect::{Found, collect, in_containers, in_env_file, in_release};
pub use judge::{is_secret_name, looks_secret};
pub use known::Secrets;
pub use redactor::{REDACTED, Redactor};
pub use scrub::scrub;
