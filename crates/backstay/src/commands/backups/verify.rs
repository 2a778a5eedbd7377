//! `backstay backups verify`

use backstay_core::ops::backups;
use backstay_core::ops::restore_test::{self, RestoreTest};
use clap::Args;
use serde_json::json;

use crate::commands::world::World;
use crate::errors::{CommandError, Exit};
use crate::i18n::t;
use crate::session::Session;
use crate::ui::{clean, restore_test as test};

/// Read all that is kept and compare it with its digests
///
/// Backups, the record of what runs, journals and images. What is damaged is named; nothing is changed.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Backup: its name, a number of the list, or the path of its folder; `current` is what runs now. Without one, it is the
    /// release to which `rollback --yes` would go
    #[arg(value_name = "RELEASE|PATH", requires = "restore")]
    release: Option<String>,

    /// Bring a release up beside the stack, as another project without host ports and with empty volumes, see that it is ready,
    /// and take it away: a restore test
    #[arg(long)]
    restore: bool,
}

/// Verifies all that is kept, or that a release can be restored.
pub(super) fn run(session: &Session, arguments: &Verify) -> Result<Exit, CommandError> {
    if arguments.restore {
        return restore(session, arguments.release.as_deref());
    }
    let (stack, lang) = (session.place()?, session.lang);
    let world = World::new(session, &stack);
    let found = session.wait(async { backups::check(&world.idle(), &stack).await })?;
    let said = found.damage.iter().map(|error| session.error(error).message);
    let damage: Vec<String> = said.map(|message| clean::line(&message)).collect();
    if session.json() {
        session.print_json(&json!({
            "backups": found.backups,
            "journals": found.journals,
            "images": found.images,
            "damage": damage,
        }));
    } else {
        let (backups, journals, images) = (found.backups, found.journals, found.images);
        let checked =
            t!(lang, "backups-verified", backups = backups, journals = journals, images = images);
        let wording = session.wording(Some(&stack));
        let lines = damage.iter().map(|line| wording.bad(line));
        session.print([checked].into_iter().chain(lines));
        if damage.is_empty() {
            session.print([wording.good(&t!(lang, "backups-sound"))]);
        } else {
            session.print([t!(lang, "backups-damage-hint")]);
        }
    }
    Ok(if damage.is_empty() { Exit::Done } else { Exit::Release })
}

/// Restores a release beside what runs, and takes it away.
fn restore(session: &Session, name: Option<&str>) -> Result<Exit, CommandError> {
    let (stack, lang) = (session.place()?, session.lang);
    let world = World::new(session, &stack);
    let wording = session.wording(Some(&stack));
    session.block_on(async |cancel| {
        if !session.json() {
            session.print([t!(lang, "restore-test-begins")]);
        }
        let tested = restore_test::run(&world.context(cancel), &stack, name).await;
        let tested = tested.map_err(|error| session.error(&error))?;
        let RestoreTest { folder, release, services, left_out, .. } = &tested;
        let why = test::why(&wording, &tested);
        if session.json() {
            let left_out: Vec<&String> = left_out.iter().map(|(service, _)| service).collect();
            session.print_json(&json!({
                "restored": folder, "release": release, "services": services,
                "left_out": left_out, "failure": why, "left": test::left(&tested),
            }));
        } else {
            let skipped = left_out.iter().map(|(service, key)| {
                let key = clean::line(key);
                wording.warning(&t!(lang, "restore-test-left-out", service = service, key = key))
            });
            session.print(skipped);
            let passed = t!(
                lang,
                "restore-test-passed",
                folder = folder,
                release = release,
                services = *services
            );
            session.print(test::ended(&wording, &tested, &passed, |why| {
                t!(lang, "restore-test-failed", folder = folder, release = release, why = why)
            }));
        }
        Ok(if why.is_none() { Exit::Done } else { Exit::Release })
    })
}
