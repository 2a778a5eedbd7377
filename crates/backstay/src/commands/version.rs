//! `backstay version`

use clap::Args;
use serde_json::json;

use crate::errors::{CommandError, Exit};
use crate::session::Session;
use crate::ui::{direct, encode};

/// Print the version
#[derive(Debug, Args)]
pub(crate) struct Version {}

/// Prints the version.
#[allow(clippy::unnecessary_wraps)] // every verb has this shape
pub(crate) fn run(session: &Session, _arguments: &Version) -> Result<Exit, CommandError> {
    let version = env!("CARGO_PKG_VERSION");
    if session.json() {
        direct::answer(&encode(&json!({ "version": version })));
    } else {
        direct::answer(&format!("backstay {version}"));
    }
    Ok(Exit::Done)
}
