//! `backstay backups verify`

use backstay_core::ops::backups;
use clap::Args;
use serde_json::json;

use crate::commands::world::World;
use crate::errors::{CommandError, Exit};
use crate::i18n::t;
use crate::session::Session;
use crate::ui::clean;

/// Read all that is kept and compare it with its digests
///
/// Backups, the record of what runs, journals and images. What is damaged is named; nothing is changed.
#[derive(Debug, Args)]
pub(crate) struct Verify {}

/// Verifies all that is kept.
pub(super) fn run(session: &Session, _arguments: &Verify) -> Result<Exit, CommandError> {
    let (stack, lang) = (session.place()?, session.lang);
    let world = World::new(session, &stack);
    let found = session.wait(async { backups::verify(&world.idle(), &stack).await })?;
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
