//! `backstay cert show`

use std::path::PathBuf;

use clap::Args;

use super::configured::Configured;
use crate::errors::{CommandError, Exit};
use crate::session::Session;
use crate::ui;

/// Show what is in a certificate
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Certificate file; otherwise the stack's
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,
}

/// Shows a certificate.
pub(super) fn run(session: &Session, arguments: &Show) -> Result<Exit, CommandError> {
    session.block_on(async |_| {
        let stack = Configured::find(session, arguments.path.is_some()).await?;
        let (place, info, _) = stack.read(session, arguments.path.as_deref())?;
        if session.json() {
            session.print_json(&ui::certificate::json(&place, &info, &[]));
        } else {
            session.print(ui::certificate::lines(&session.wording(None), &info));
        }
        Ok(Exit::Done)
    })
}
