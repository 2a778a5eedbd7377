//! `backstay backups list`

use backstay_core::ops::backups;
use backstay_core::release::{Entry, EntryState, Release};
use clap::Args;
use serde_json::{Value, json};

use crate::commands::world::World;
use crate::errors::{CommandError, Exit};
use crate::session::Session;
use crate::ui;

/// List the backups, newest first
#[derive(Debug, Args)]
pub(crate) struct List {}

/// Lists the backups.
pub(super) fn run(session: &Session, _arguments: &List) -> Result<Exit, CommandError> {
    let stack = session.stack()?;
    let world = World::new(session, &stack);
    let catalog = backups::list(&world.idle(), &stack).map_err(|error| session.error(&error))?;
    if session.json() {
        let entries: Vec<Value> = catalog.entries.iter().enumerate().map(entry).collect();
        let current = catalog.current.as_ref().map(|folder| brief(&folder.release));
        session.print_json(&json!({ "current": current, "backups": entries }));
    } else {
        session.print(ui::backups::list(&session.wording(Some(&stack)), &catalog));
    }
    Ok(Exit::Done)
}

fn entry((at, entry): (usize, &Entry)) -> Value {
    let mut value = json!({ "number": at + 1, "folder": entry.folder });
    match &entry.state {
        EntryState::Release(folder) => value["release"] = brief(&folder.release),
        EntryState::Plain => value["plain"] = true.into(),
        EntryState::Damaged(problem) => value["damaged"] = problem.as_str().into(),
    }
    value
}

fn brief(release: &Release) -> Value {
    let images = release.services.iter().map(|(name, service)| (name, &service.image));
    json!({
        "id": release.id,
        "sequence": release.sequence,
        "created": release.created,
        "origin": release.origin,
        "services": images.collect::<std::collections::BTreeMap<_, _>>(),
    })
}
