//! `backstay doctor`

use std::path::PathBuf;

use clap::Args;

use super::checking;
use crate::doctor::{Level, Mirror, Wish, change, examine, exit};
use crate::errors::{CommandError, Exit};
use crate::session::Session;

/// Check Docker, the machine and the stack, and say what to do about each problem
///
/// Changes nothing, unless `--fix` is given: then mirrors are added to Docker's `daemon.json`. Docker itself is never
/// restarted.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Mirror of the default registry to offer for `daemon.json`; can be given more than once
    #[arg(long = "mirror", value_name = "URL")]
    mirrors: Vec<Mirror>,

    /// Write the mirrors into `daemon.json`, with a copy of the old file beside it
    #[arg(long)]
    fix: bool,

    /// Docker's `daemon.json`, where it is not in its usual place
    #[arg(long, value_name = "PATH")]
    daemon_json: Option<PathBuf>,
}

/// Makes the checks and shows what they find.
pub(crate) fn run(session: &Session, arguments: &Doctor) -> Result<Exit, CommandError> {
    let (about, missing) = checking::about(session);
    let wording = session.wording(about.stack.as_ref());
    session.block_on(async |cancel| {
        let mut tell = |finding: &crate::doctor::Finding| {
            if session.json() {
                session.print_json(&finding);
            } else {
                session.print(crate::doctor::screen::finding(&wording, finding));
            }
        };
        let checks = examine(about, missing, &arguments.mirrors, &mut tell);
        let done = checking::shown(session, &cancel, checks).await?;
        let mut mirrors = arguments.mirrors.clone();
        // They serve no other registry.
        let is_wanted = done.unreachable.default || arguments.fix;
        if mirrors.is_empty() && is_wanted {
            mirrors = done.about.own_mirrors()?;
        }
        if !mirrors.is_empty() {
            let file = arguments.daemon_json.as_deref();
            let wish = Wish { file, fix: arguments.fix };
            let change = change(&done.about, &mirrors, &wish)?;
            if session.json() {
                session.print_json(&crate::doctor::screen::change_json(change.as_ref()));
            } else {
                session.print(crate::doctor::screen::change(
                    &wording,
                    change.as_ref(),
                    &done.unreachable,
                ));
            }
        } else if !session.json() && is_wanted {
            session.print(crate::doctor::screen::no_mirrors(&wording));
        }
        if !session.json() {
            session.print(crate::doctor::screen::summary(&wording, &done.findings));
        }
        let quiet_words = done.findings.iter().filter(|finding| finding.level == Level::Bad);
        if session.quiet() {
            quiet_words.for_each(|finding| session.complain(&finding.message));
        }
        Ok(exit(&done.findings))
    })
}
