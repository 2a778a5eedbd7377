//! `backstay cert check`

use std::path::PathBuf;

use backstay_cert::check;
use clap::Args;

use super::configured::Configured;
use crate::certificates;
use crate::errors::{CommandError, Exit};
use crate::i18n::t;
use crate::session::Session;
use crate::ui::{self, finding, time};

/// Check that a certificate is good: exit code 9 where it has ended, will within 30 days, or does not do
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Certificate file; otherwise the stack's
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,
}

/// Checks a certificate.
pub(super) fn run(session: &Session, arguments: &Check) -> Result<Exit, CommandError> {
    session.block_on(async |_| {
        let lang = session.lang;
        let stack = Configured::find(session, arguments.path.is_some()).await?;
        let (place, info, names) = stack.read(session, arguments.path.as_deref())?;
        let found = check(&info, jiff::Timestamp::now(), &names);
        let found: Vec<_> = found.into_iter().map(certificates::finding).collect();
        if session.json() {
            session.print_json(&ui::certificate::json(&place, &info, &found));
        }
        let path = place.to_string_lossy().into_owned();
        if !found.is_empty() {
            let lines = found.iter().map(|found| finding(lang, found)).collect();
            let message = t!(lang, "cert-not-good", path = path);
            return Err(CommandError::new(Exit::Certificate, message).details(lines));
        }
        if !session.json() {
            let date = time::local(&info.not_after.to_string());
            session.print([t!(lang, "cert-good", path = path, date = date)]);
        }
        Ok(Exit::Done)
    })
}
