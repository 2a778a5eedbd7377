//! `backstay report`

use std::path::PathBuf;

use backstay_core::ports::{Clock, Store};
use backstay_core::store::DiskStore;
use clap::Args;

use super::checking;
use crate::clock::SystemClock;
use crate::doctor::examine;
use crate::errors::{CommandError, Exit};
use crate::report::{collect, pack, safe};
use crate::session::Session;

/// Write an archive for a bug report, without passwords and other values of the stack
///
/// It has the versions, the findings of `doctor`, the journals, the list of the backups, the states and last lines of the
/// containers, and the model. Every value of env files, environments, secrets, configs and build arguments is taken out.
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// The archive; otherwise `backstay-report-<project>-<time>.tar.gz` here
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
}

/// Collects the report and writes it.
pub(crate) fn run(session: &Session, arguments: &Report) -> Result<Exit, CommandError> {
    let (about, missing) = checking::about(session);
    session.block_on(async |cancel| {
        let work = async {
            let done = examine(about, missing, &[], &mut |_| {}).await;
            let collected = collect(&done.about, &done.findings, &session.command()).await;
            (done.about, collected)
        };
        let (about, collected) = checking::shown(session, &cancel, work).await?;
        let project = about.model.as_ref().map_or("machine", |model| model.project.as_str());
        let time = SystemClock::start().now().strftime("%Y%m%d_%H%M%S").to_string();
        let folder = safe(&format!("backstay-report-{project}-{time}"));
        let path = arguments.output.clone().unwrap_or_else(|| format!("{folder}.tar.gz").into());
        let io = |error| {
            CommandError::of_core(session.lang, &backstay_core::Error::io("writing", &path, error))
        };
        let bytes = pack(&folder, &collected.files).map_err(io)?;
        let place = std::path::absolute(&path).map_err(io)?;
        DiskStore.write(&place, &bytes, 0o600).map_err(io)?;
        if session.json() {
            session.print_json(&crate::report::screen::json(&path, bytes.len(), &collected));
        } else {
            let wording = session.wording(about.stack.as_ref());
            session.print(crate::report::screen::lines(&wording, &path, bytes.len(), &collected));
        }
        Ok(Exit::Done)
    })
}
