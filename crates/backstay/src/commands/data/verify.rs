//! `backstay data verify`

use backstay_core::ops::restore_test;
use clap::Args;
use serde_json::json;

use crate::commands::world::World;
use crate::errors::{CommandError, Exit};
use crate::i18n::t;
use crate::session::Session;
use crate::ui::restore_test as test;

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
        let (folder, services) = (&tested.folder, tested.services);
        let why = test::why(&wording, &tested);
        if session.json() {
            session.print_json(&json!({
                "restored": folder, "services": services, "failure": why, "left": test::left(&tested),
            }));
        } else {
            let passed = t!(lang, "data-verify-passed", folder = folder, services = services);
            session.print(test::ended(&wording, &tested, &passed, |why| {
                t!(lang, "data-verify-failed", folder = folder, why = why)
            }));
        }
        Ok(if why.is_none() { Exit::Done } else { Exit::Release })
    })
}
