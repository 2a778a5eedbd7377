//! `backstay data list`

use backstay_core::ops::data::{self, Held};
use clap::Args;
use serde_json::{Value, json};

use crate::commands::world::World;
use crate::errors::{CommandError, Exit};
use crate::session::Session;
use crate::ui::{self, clean};

/// List the saved data, newest first
#[derive(Debug, Args)]
pub(crate) struct List {}

/// Lists it.
pub(super) fn run(session: &Session, _arguments: &List) -> Result<Exit, CommandError> {
    let stack = session.place()?;
    let world = World::new(session, &stack);
    let held = session.wait(async { data::list(&world.idle(), &stack).await })?;
    let flaw =
        |held: &Held| held.flaw.as_ref().map(|error| clean::line(&session.error(error).message));
    if session.json() {
        let backups: Vec<Value> = held.iter().map(|held| backup(held, flaw(held))).collect();
        session.print_json(&json!({ "backups": backups }));
    } else {
        let wording = session.wording(Some(&stack));
        session.print(ui::data::list(&wording, &held, &flaw));
    }
    Ok(Exit::Done)
}

fn backup(held: &Held, flaw: Option<String>) -> Value {
    let sets = held.sets.iter().map(|saved| {
        json!({
            "data": saved.set.name, "file": saved.file, "size": saved.size, "raw": saved.raw,
            "digest": saved.digest, "at": saved.at,
        })
    });
    let mut value = json!({
        "folder": held.folder, "release": held.release, "pinned": held.pinned,
        "sets": sets.collect::<Vec<_>>(),
    });
    if let Some(flaw) = flaw {
        value["damaged"] = flaw.into();
    }
    value
}
