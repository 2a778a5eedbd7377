//! `backstay data verify`

use backstay_core::ops::restore_test;
use clap::Args;
use serde_json::json;

use crate::commands::world::World;
use crate::errors::{CommandError, Exit};
use crate::i18n::t;
use crate::session::Session;
use crate::ui::{clean, details, headline};

/// Restore saved data beside the stack, into containers and volumes of their own, and see that it is ready there
///
/// What runs is not touched, and all of it is taken away again: a restore test, for cron.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Backup with the data: its name, a number of the list of backups, or the path of its folder; without one, the newest
    #[arg(value_name = "RELEASE|PATH")]
    release: Option<String>,
}

/// Tests it.
pub(super) fn run(session: &Session, arguments: &Verify) -> Result<Exit, CommandError> {
    let (stack, lang) = (session.place()?, session.lang);
    let world = World::new(session, &stack);
    let wording = session.wording(Some(&stack));
    session.block_on(async |cancel| {
        if !session.json() {
            session.print([t!(lang, "data-verify-begins")]);
        }
        let name = arguments.release.as_deref();
        let tested = restore_test::of_data(&world.context(cancel), &stack, name).await;
        let tested = tested.map_err(|error| session.error(&error))?;
        let (folder, failure) = (&tested.folder, &tested.failure);
        let left: Vec<String> = tested.left.iter().map(|line| clean::line(line)).collect();
        let why = failure.as_ref().map(|found| headline(lang, found, found.service.as_slice()));
        if session.json() {
            session.print_json(&json!({
                "restored": folder, "services": tested.services, "failure": why, "left": left,
            }));
        } else {
            let left = left
                .iter()
                .map(|what| wording.warning(&t!(lang, "restore-test-left", what = what)));
            session.print(left);
            match (&why, failure) {
                (Some(why), Some(failure)) => {
                    let line = t!(lang, "data-verify-failed", folder = folder, why = why);
                    session.print([wording.bad(&line)]);
                    session.print(details(&wording, failure));
                    session.print([t!(lang, "restore-test-untouched")]);
                }
                _ => session.print([wording.good(&t!(
                    lang,
                    "data-verify-passed",
                    folder = folder,
                    services = tested.services
                ))]),
            }
        }
        Ok(if why.is_none() { Exit::Done } else { Exit::Release })
    })
}
