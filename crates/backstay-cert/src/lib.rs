//! Self-signed certificates: made, written as PFX and PEM, read and checked. All of it is Rust: neither OpenSSL nor the
//! .NET SDK is needed, here or on the machine that a stack is deployed to.
//!
//! A certificate follows [RFC 5280](https://www.rfc-editor.org/rfc/rfc5280), a PFX file
//! [RFC 7292](https://www.rfc-editor.org/rfc/rfc7292). This crate reads and writes no file and prints nothing: it takes
//! and gives bytes.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod certificate;
mod check;
mod create;
mod error;
mod host;
mod info;
mod key;
mod open;
mod password;
mod pem;
mod pfx;
mod read;
mod request;
mod settings;
mod text;

pub use certificate::Certificate;
pub use check::{Finding, WARN_DAYS, check};
pub use create::create;
pub use error::{Error, Result};
pub use info::{Format, Info};
pub use key::KeyState;
pub use pfx::Encryption;
pub use read::read;
pub use request::{DEFAULT_DAYS, MAX_DAYS, Request};
pub use settings::{DEFAULT_PASSWORD_VARIABLE, OutputFile, PasswordSource, Settings};
pub use zeroize::Zeroizing;
